/** History against the prices that should have applied. */
import { compareCost, computeCost, priceOfCall, type ProviderName, type Usage } from '@ai-core/core';
import { perform, type Act } from './act.ts';
import { loadCatalogueSnapshot } from './catalogue-snapshot.ts';
import type { Database, Statement } from './database.ts';

/** One paid call whose recorded cost is not what the prices of its time come to. */
export interface Mispriced {
  readonly attemptId: string;
  readonly provider: string;
  readonly model: string;
  readonly startedAt: Date;
  /** null = it had no price. */
  readonly recordedNanoUsd: bigint | null;
  readonly costNanoUsd: bigint;
  /** What it had cost without the batch discount; null = the same. */
  readonly realtimeNanoUsd: bigint | null;
  readonly priceId: string;
}

export interface RepriceRange {
  /** First UTC day, YYYY-MM-DD. */
  readonly from: string;
  /** Last UTC day; null = until now. */
  readonly to: string | null;
  readonly simulated: boolean;
}

export interface Repricing {
  /** Paid calls that were looked at. */
  readonly checked: number;
  /** Those among them that no price is known for, before or now. */
  readonly unpriced: number;
  readonly mispriced: readonly Mispriced[];
}

interface Row {
  readonly id: string;
  readonly provider: ProviderName;
  readonly model: string;
  readonly billed_model: string | null;
  readonly cost_nano_usd: bigint | null;
  readonly usage: Usage;
  readonly started_at: Date;
}

const PAGE = 2_000;
const LIST: Statement = {
  name: 'reprice_list',
  text: `select id, provider, model, billed_model, cost_nano_usd, usage - 'raw' as usage, started_at from ai_attempt
    where state in ('billed', 'late') and usage is not null and simulated = $1
      and started_at >= $2::date::timestamp at time zone 'UTC'
      and ($3::date is null or started_at < ($3::date + 1)::timestamp at time zone 'UTC')
      and ($4::timestamptz is null or (started_at, id) > ($4, $5::uuid))
    order by started_at, id limit $6`,
};

/** Recomputes every paid call of a range from its counted usage and the prices in effect when it began. Changes nothing. */
export async function findMispriced(database: Database, { from, to, simulated }: RepriceRange): Promise<Repricing> {
  const { prices } = await loadCatalogueSnapshot(database);
  const mispriced: Mispriced[] = [];
  let checked = 0;
  let unpriced = 0;
  let last: Row | undefined;
  do {
    const rows: Row[] = await database.query<Row>(LIST, [simulated, from, to, last?.started_at ?? null, last?.id ?? null, PAGE]);
    for (const row of rows) {
      checked++;
      const price = priceOfCall(prices, {
        provider: row.provider,
        answered: row.billed_model ?? row.model,
        asked: row.model,
        at: row.started_at,
      });
      const { nanoUsd } = computeCost(row.usage, price);
      if (nanoUsd === null || price === null) unpriced++;
      else if (nanoUsd !== row.cost_nano_usd) {
        mispriced.push({
          attemptId: row.id,
          provider: row.provider,
          model: row.billed_model ?? row.model,
          startedAt: row.started_at,
          recordedNanoUsd: row.cost_nano_usd,
          costNanoUsd: nanoUsd,
          realtimeNanoUsd: compareCost({ usage: row.usage, price, incumbentPrice: null }).realtimeNanoUsd,
          priceId: price.id,
        });
      }
    }
    last = rows.length === PAGE ? rows.at(-1) : undefined;
  } while (last !== undefined);
  return { checked, unpriced, mispriced };
}

export interface Corrections {
  readonly corrected: number;
  /** Sum of the corrections, signed. */
  readonly differenceNanoUsd: bigint;
}

/**
 * Writes a signed correction row for each call and gives its attempt the right cost. Rows of the past stay as they are; repeating it
 * changes nothing. The daily tables follow with the next roll-up.
 */
export function correctPrices(act: Act, mispriced: readonly Mispriced[]): Promise<Corrections> {
  return perform(act, async ({ client, record }) => {
    let corrected = 0;
    let differenceNanoUsd = 0n;
    // In the order of their ids: two repricings at once do not wait for each other in a circle.
    for (const call of mispriced.toSorted((one, two) => one.attemptId.localeCompare(two.attemptId, 'en'))) {
      const { rows } = await client.query<{ done: boolean }>({
        name: 'correct_cost',
        text: 'select ai_correct_cost($1, $2, $3) as done',
        values: [
          call.attemptId,
          call.recordedNanoUsd,
          JSON.stringify({
            cost_nano_usd: String(call.costNanoUsd),
            realtime_nano_usd: call.realtimeNanoUsd === null ? null : String(call.realtimeNanoUsd),
            price_id: call.priceId,
          }),
        ],
      });
      if (rows[0]?.done !== true) continue;
      corrected++;
      differenceNanoUsd += call.costNanoUsd - (call.recordedNanoUsd ?? 0n);
    }
    if (corrected > 0)
      await record({
        action: 'usage.repriced',
        subject: 'ai_usage_log',
        after: { corrected, difference_nano_usd: String(differenceNanoUsd) },
      });
    return { corrected, differenceNanoUsd };
  });
}
