import { AiCoreError, redact } from '@ai-core/core';
import { writeChange } from './audit-log.ts';
import type { Database, Statement } from './database.ts';

/** One user's opinion of one answer. */
export interface NewRating {
  readonly memoryId: string;
  readonly userId: string;
  /** Through which backend. */
  readonly caller: string;
  /** 0 to 5. */
  readonly rating: number;
  readonly comment: string | null;
  /** Set where an operator or reviewer rates by name: the rating stands in the audit log too, written with it or not at all. */
  readonly auditedAs?: string | undefined;
}

export interface MemoryRating {
  /** Average over users. */
  readonly userRating: number;
  readonly ratingCount: number;
}

const RATE: Statement = { name: 'memory_rate', text: 'select * from ai_rate_memory($1, $2, $3, $4, $5)' };

interface Rated {
  readonly out_rating: string | null;
  readonly out_count: number | null;
}

/**
 * Rates an answer; a user's newer rating replaces the older one. Personal data is taken out of the comment.
 * @throws NOT_FOUND when there is no such answer
 */
export async function rateMemory(database: Database, rating: NewRating): Promise<MemoryRating> {
  const comment = rating.comment === null ? null : redact(rating.comment).text;
  const values = [rating.memoryId, rating.userId, rating.caller, rating.rating, comment];
  const { auditedAs: actor } = rating;
  if (actor === undefined) return toRating((await database.query<Rated>(RATE, values))[0]);
  return database.transaction(async (client) => {
    const rated = toRating((await client.query<Rated>({ ...RATE, values })).rows[0]);
    const after = { rating: rating.rating, average: rated.userRating };
    await writeChange(client, { actor, action: 'memory.rated', subject: rating.memoryId, after });
    return rated;
  });
}

function toRating(row: Rated | undefined): MemoryRating {
  if (row === undefined || row.out_rating === null) throw new AiCoreError('NOT_FOUND', 'there is no remembered answer of this id');
  return { userRating: Number(row.out_rating), ratingCount: row.out_count ?? 0 };
}
