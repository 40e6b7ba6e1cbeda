import type { Json } from '@ai-core/core';
import { pick, type Random } from './random.ts';

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly [Json, ...Json[]];
  readonly const?: Json;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly [JsonSchema, ...JsonSchema[]];
}

interface Making {
  readonly random: Random;
  readonly subject: string;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function makeNumber(schema: JsonSchema, random: Random): number {
  const low = schema.minimum ?? 0;
  const high = schema.maximum ?? low + 100;
  return low + Math.floor(random() * (high - low + 1));
}

type Maker = (schema: JsonSchema, making: Making, name: string) => Json;

const makeString: Maker = (_schema, making, name) => `${name} ${1 + Math.floor(making.random() * 9)}: ${making.subject}`;

const MAKERS: Readonly<Record<string, Maker>> = {
  object: (schema, making) =>
    Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, value]) => [key, makeValue(value, making, key)])),
  array: (schema, making, name) =>
    Array.from({ length: Math.max(schema.minItems ?? 0, 2 + Math.floor(making.random() * 3)) }, () =>
      makeValue(schema.items ?? {}, making, name),
    ),
  integer: (schema, making) => makeNumber(schema, making.random),
  number: (schema, making) => makeNumber(schema, making.random),
  boolean: (_schema, making) => making.random() < 0.5,
  null: () => null,
  string: makeString,
};

function makeValue(schema: JsonSchema, making: Making, name: string): Json {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return pick(making.random, schema.enum);
  if (schema.anyOf) return makeValue(schema.anyOf[0], making, name);
  const named = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  const type = (named ?? (schema.properties ? 'object' : 'string')).toLowerCase();
  return (MAKERS[type] ?? makeString)(schema, making, name);
}

/** What a model answers when it is only told "JSON". */
const PLAIN: JsonSchema = { properties: { title: { type: 'string' }, points: { type: 'array', items: { type: 'string' } } } };

/**
 * A value that fits a JSON schema, as a model with structured output gives it.
 * @param schema JSON schema (also Google's dialect with upper-case types); anything else = any object
 */
export function writeJson(schema: unknown, making: Making): Json {
  return makeValue(isSchema(schema) && Object.keys(schema).length > 0 ? schema : PLAIN, making, 'answer');
}
