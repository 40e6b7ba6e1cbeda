/** Writes remembered answers for tests of what is done with them, without the way through admission and settle. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../database.ts';

export interface RememberedAnswer {
  readonly requestType?: string;
  readonly prompt: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly promptHash?: string;
  readonly scope?: string;
  readonly simulated?: boolean;
  readonly provider?: string;
  readonly model?: string;
  readonly verdict?: 'none' | 'verified' | 'rejected' | 'stale';
  readonly rating?: number;
  readonly ratingCount?: number;
  readonly uses?: number;
}

/** @returns the ids of the memory rows, in order */
export async function remember(database: Database, answers: readonly RememberedAnswer[]): Promise<string[]> {
  const rows = answers.map((answer) => ({ id: randomUUID(), prompt_hash: randomUUID(), ...answer }));
  await database.pool.query(
    `insert into ai_memory (id, request_type, prompt_hash, scope, simulated, kind, is_current, prompt_text, prompt_options, generated_text, provider, model,
       is_verified_good, use_for_training, verdict, user_rating, rating_count, usage_count)
     select id, coalesce("requestType", 'quiz'), coalesce("promptHash", prompt_hash), coalesce(scope, 'shared'), coalesce(simulated, false), 'text',
       coalesce(verdict, 'none') in ('none', 'verified'), prompt, coalesce(options, '{}'), text, coalesce(provider, 'openai'), coalesce(model, 'first'),
       coalesce(verdict, 'none') = 'verified', coalesce(verdict, 'none') = 'verified', coalesce(verdict, 'none'), rating,
       coalesce("ratingCount", case when rating is null then 0 else 1 end), coalesce(uses, 0)
     from jsonb_to_recordset($1::jsonb) as x (id uuid, "requestType" text, prompt_hash text, "promptHash" text, scope text, simulated boolean,
       prompt text, options jsonb, text text, provider text, model text, verdict text, rating numeric, "ratingCount" integer, uses bigint)`,
    [JSON.stringify(rows)],
  );
  return rows.map(({ id }) => id);
}
