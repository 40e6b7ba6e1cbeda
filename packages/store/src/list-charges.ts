/** Our side of a provider's bill: what calls were accounted with, by day and model or one by one. */
import type { OurCharge } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

export interface ChargeQuestion {
  readonly provider: string;
  /** First and last day, YYYY-MM-DD, of the zone. */
  readonly from: string;
  readonly to: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly simulated: boolean;
}

/** A charge, and where its money comes from. */
export interface Charge extends OurCharge {
  /** Ids of the price rows it was billed at. */
  readonly priceIds: readonly string[];
}

interface Row {
  readonly day: string;
  readonly model: string;
  readonly ids: string[];
  readonly calls: bigint;
  readonly unknown: bigint;
  readonly unpriced: bigint;
  readonly cost: bigint;
  readonly units: bigint;
  readonly price_ids: string[];
}

const COUNTED = ['inputTokens', 'outputTokens', 'audioOutputTokens', 'characters'];
const PAID = `state in ('billed', 'late')`;
const FIGURES = `count(*) filter (where ${PAID}) as calls, count(*) filter (where state = 'unknown') as unknown,
    count(*) filter (where ${PAID} and cost_nano_usd is null) as unpriced,
    coalesce(sum(cost_nano_usd) filter (where ${PAID}), 0)::bigint as cost,
    coalesce(sum(${COUNTED.map((name) => `coalesce((usage->>'${name}')::bigint, 0)`).join(' + ')}) filter (where ${PAID}), 0)::bigint as units,
    coalesce(array_agg(distinct price_id::text) filter (where ${PAID} and price_id is not null), '{}') as price_ids`;
const RANGE = `provider = $1 and simulated = $2 and state in ('billed', 'late', 'unknown')
    and started_at >= $3::date::timestamp at time zone $5 and started_at < ($4::date + 1)::timestamp at time zone $5`;
const DAY_AND_MODEL = `to_char(started_at at time zone $5, 'YYYY-MM-DD') as day, coalesce(billed_model, model) as model`;

const SUMS: Statement = {
  name: 'charges_by_day',
  text: `select ${DAY_AND_MODEL}, '{}'::text[] as ids, ${FIGURES} from ai_attempt where ${RANGE} group by 1, 2 order by 1, 2`,
};
const CALLS: Statement = {
  name: 'charges_by_call',
  text: `select ${DAY_AND_MODEL}, array_remove(array[id::text, provider_request_id], null) as ids, ${FIGURES}
    from ai_attempt where ${RANGE} group by id, provider_request_id, 1, 2 order by 1, 2, id`,
};

/**
 * @param grain `day`: the sum of a model's calls of a day; `call`: each with its ids
 * @returns what was paid, and calls whose outcome is unknown, which have no cost yet
 */
export async function listCharges(database: Database, question: ChargeQuestion, grain: 'day' | 'call'): Promise<Charge[]> {
  const { provider, simulated, from, to, timeZone } = question;
  const rows = await database.query<Row>(grain === 'day' ? SUMS : CALLS, [provider, simulated, from, to, timeZone]);
  return rows.map((row) => ({
    day: row.day,
    model: row.model,
    ids: row.ids,
    calls: Number(row.calls),
    unknown: Number(row.unknown),
    costNanoUsd: row.unpriced > 0n ? null : row.cost,
    units: row.units,
    priceIds: row.price_ids,
  }));
}
