import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cleanOptions, isProviderName, TextOptionsSchema, type Json, type ProviderName } from '@ai-core/core';
import { describe, expect, it } from 'vitest';
import { startRecordingServer } from './conformance/recording-server.ts';
import type { TextCall } from './provider.ts';
import { createProvider } from './registry.ts';

const DOCUMENT = readFileSync(new URL('../../../docs/options.md', import.meta.url), 'utf8');
const TABLE = DOCUMENT.split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
const [HEAD = [], , ...ROWS] = TABLE;
const MODELS = HEAD.slice(2).map((name) => name.split('/') as [ProviderName, string]);

const CHAT = { choices: [{ message: { content: '{"a":"Hello"}' }, finish_reason: 'stop' }] };
const ANSWERS: Readonly<Partial<Record<ProviderName, object>>> = {
  openai: CHAT,
  local_small_model: CHAT,
  claude: { content: [{ type: 'text', text: '{"a":"Hello"}' }], stop_reason: 'end_turn' },
  gemini: { candidates: [{ content: { parts: [{ text: '{"a":"Hello"}' }] }, finishReason: 'STOP' }] },
};

interface Sent {
  readonly system: string;
  /** Values by the names that lead to them, at most two, without positions in lists. */
  readonly fields: ReadonlyMap<string, string>;
  readonly ignored: readonly string[];
}

function collect(value: unknown, path: readonly string[], fields: Map<string, string>): void {
  if (typeof value !== 'object' || value === null) {
    const name = path.slice(0, 2).join('.');
    fields.set(name, `${fields.get(name) ?? ''} ${JSON.stringify(value)}`);
  } else if (Array.isArray(value)) for (const member of value) collect(member, path, fields);
  else for (const [key, member] of Object.entries(value)) collect(member, [...path, key], fields);
}

/** The system text of a body, and the body without it. */
function takeSystem({ system, systemInstruction, messages, ...rest }: Record<string, Json>): [system: Json, rest: Record<string, Json>] {
  const all = (messages ?? []) as { role: string; content: string }[];
  const instructions = system ?? systemInstruction ?? all.find(({ role }) => role === 'system')?.content ?? '';
  const others = all.filter(({ role }) => role !== 'system');
  return [instructions, others.length > 0 ? { ...rest, messages: others } : rest];
}

async function send([name, model]: [ProviderName, string], options: Readonly<Record<string, Json>>): Promise<Sent> {
  await using vendor = await startRecordingServer(() => ({ type: 'application/json', body: JSON.stringify(ANSWERS[name]) }));
  const provider = await createProvider(name, { apiKey: 'the-key', baseUrl: vendor.url });
  const call: TextCall = {
    model,
    attemptId: randomUUID(),
    signal: new AbortController().signal,
    timeouts: { connect: 5_000, firstByte: 5_000, idle: 5_000, total: 10_000 },
    options: cleanOptions(options),
    prompt: 'Hello there',
    maxOutputTokens: 300,
  };
  const result = await provider.generateText?.(call);
  const [system, rest] = takeSystem(vendor.recorded[0]?.body as Record<string, Json>);
  const fields = new Map<string, string>();
  collect(rest, [], fields);
  return { system: JSON.stringify(system), fields, ignored: result?.ignoredOptions ?? [] };
}

/** What became of an option: the cell of the table. */
async function observe(model: [ProviderName, string], options: Readonly<Record<string, Json>>): Promise<string> {
  const [plain, sent] = [await send(model, {}), await send(model, options)];
  const names = [...new Set([...plain.fields.keys(), ...sent.fields.keys()])];
  const changed = names.filter((name) => plain.fields.get(name) !== sent.fields.get(name)).map((name) => `\`${name}\``);
  const parts = [...(plain.system === sent.system ? [] : ['system text']), ...changed, ...(sent.ignored.length > 0 ? ['left out'] : [])];
  return parts.length > 0 ? parts.join(', ') : 'done before';
}

const exampleOf = ([cell = '']: readonly string[]) => JSON.parse(cell.replace(/^`|`$/g, '')) as Record<string, Json>;

describe('the table of docs/options.md', () => {
  it('has a model of every provider that makes text, and every option there is', () => {
    expect([...new Set(MODELS.map(([name]) => name))].toSorted()).toEqual(Object.keys(ANSWERS).toSorted());
    expect(MODELS.every(([name]) => isProviderName(name))).toBe(true);
    const told = new Set(ROWS.flatMap((row) => Object.keys(exampleOf(row))));
    expect(Object.keys(TextOptionsSchema.shape).filter((name) => !told.has(name))).toEqual([]);
  });

  it.each(ROWS)('says what becomes of %s', async (...row) => {
    const observed: string[] = [];
    for (const model of MODELS) observed.push(await observe(model, exampleOf(row)));
    expect(row.slice(2)).toEqual(observed);
  });
});
