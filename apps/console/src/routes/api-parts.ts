/** What the routes of the JSON API have in common: reading questions, paging, and acting in the name of whoever asks. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AiCoreError } from '@ai-core/core';
import { CHANGES_TOPIC } from '@ai-core/queue';
import type { Act } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';

const IdSchema = z.uuid();
export const IdParams = z.object({ id: IdSchema });
/** true and false as a query says them. */
export const FlagSchema = z.enum(['true', 'false']).transform((value) => value === 'true');
const MOST_ROWS = 200;
export const LimitSchema = z.coerce.number().int().min(1).max(MOST_ROWS).default(25);
/** At most so many things are changed by one request. */
const MOST_IDS = 500;
export const IdsSchema = z.array(IdSchema).min(1).max(MOST_IDS);

/** Where a page ended, as it goes over the wire: `moment~id`. */
export const CursorSchema = z
  .string()
  .regex(/^[^~]{10,40}~[0-9a-f-]{36}$/)
  .transform((text) => {
    const [at = '', id = ''] = text.split('~');
    return { at, id };
  })
  .pipe(z.object({ at: z.iso.datetime({ offset: true }), id: IdSchema }));

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** What to ask with for the next page; null = this was the last. */
  readonly next: string | null;
}

/** @throws REQUEST_INVALID that names the first wrong field */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AiCoreError('REQUEST_INVALID', `${issue?.path.join('.') ?? 'the request'}: ${issue?.message ?? 'is not valid'}`);
}

/** @param rows one more than `limit` were asked for, so that it is known whether there are more */
export function toPage<Row>(rows: readonly Row[], limit: number, cursorOf: (row: Row) => string): Page<Row> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

/** Changes are made in the name of whoever is logged in, and every process hears of them. */
export function actOf(services: ConsoleServices, request: FastifyRequest): Act {
  return {
    database: services.database,
    actor: sessionOf(request).user.name,
    announce: () => services.queue.messages.publish([{ topic: CHANGES_TOPIC, text: 'console' }]),
  };
}
