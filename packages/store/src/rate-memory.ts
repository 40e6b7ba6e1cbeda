import { AiCoreError, redact } from '@ai-core/core';
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
}

export interface MemoryRating {
  /** Average over users. */
  readonly userRating: number;
  readonly ratingCount: number;
}

const RATE: Statement = { name: 'memory_rate', text: 'select * from ai_rate_memory($1, $2, $3, $4, $5)' };

/**
 * Rates an answer; a user's newer rating replaces the older one. Personal data is taken out of the comment.
 * @throws NOT_FOUND when there is no such answer
 */
export async function rateMemory(database: Database, rating: NewRating): Promise<MemoryRating> {
  const [row] = await database.query<{ out_rating: string | null; out_count: number | null }>(RATE, [
    rating.memoryId,
    rating.userId,
    rating.caller,
    rating.rating,
    rating.comment === null ? null : redact(rating.comment).text,
  ]);
  if (row === undefined || row.out_rating === null) throw new AiCoreError('NOT_FOUND', 'there is no remembered answer of this id');
  return { userRating: Number(row.out_rating), ratingCount: row.out_count ?? 0 };
}
