/** A cheaper tier for a request type, taken because of what was measured, and the way back. */
import { AiCoreError, resolvePolicy, type Tier } from '@ai-core/core';
import { perform, type Act } from './act.ts';
import type { Database, Statement } from './database.ts';
import { listTierProposals } from './tier-proposals.ts';

export interface TierChoice {
  readonly id: string;
  readonly requestType: string;
  readonly simulated: boolean;
  readonly fromTier: Tier;
  readonly toTier: Tier;
  readonly from: { readonly provider: string; readonly model: string };
  readonly to: { readonly provider: string; readonly model: string };
  /** As it was when it was applied; a decimal string of nano-USD. */
  readonly monthlySavingNanoUsd: string;
  readonly appliedBy: string;
  readonly appliedAt: string;
  readonly undoneBy: string | null;
  readonly undoneAt: string | null;
}

/** What an undo puts back. */
interface PolicyBefore {
  readonly tier: Tier | null;
  readonly incumbent_provider: string | null;
  readonly incumbent_model: string | null;
}

const ROW = `jsonb_build_object('id', c.id, 'requestType', c.request_type, 'simulated', c.simulated, 'fromTier', c.from_tier, 'toTier', c.to_tier,
  'from', jsonb_build_object('provider', c.from_provider, 'model', c.from_model), 'to', jsonb_build_object('provider', c.to_provider, 'model', c.to_model),
  'monthlySavingNanoUsd', c.monthly_saving_nano_usd::text, 'appliedBy', c.applied_by, 'appliedAt', c.applied_at,
  'undoneBy', c.undone_by, 'undoneAt', c.undone_at)`;
const LIST: Statement = {
  name: 'tier_choices',
  text: `select ${ROW} as choice from ai_tier_choice c where c.simulated = $1 order by c.applied_at desc, c.id limit 100`,
};

/** Newest first, undone ones too. */
export async function listTierChoices(database: Database, simulated: boolean): Promise<TierChoice[]> {
  const rows = await database.query<{ choice: TierChoice }>(LIST, [simulated]);
  return rows.map(({ choice }) => choice);
}

/**
 * Takes the proposal of a request type: its requests ask for the cheaper tier from now on, and what that saves is counted against the model
 * that answered before. What is remembered stays.
 * @throws REQUEST_INVALID when nothing is proposed for it (any more)
 */
export async function applyTierProposal(
  act: Act,
  { requestType, simulated }: { readonly requestType: string; readonly simulated: boolean },
): Promise<TierChoice> {
  const line = (await listTierProposals(act.database, simulated)).find((candidate) => candidate.requestType === requestType);
  const proposal = line?.proposal;
  if (line === undefined || proposal == null)
    throw new AiCoreError('REQUEST_INVALID', `no cheaper tier is proposed for ${requestType}; look at the proposals again`);
  return perform(act, async ({ client, record }) => {
    await client.query(`insert into ai_request_type_policy (request_type) values ($1) on conflict do nothing`, [requestType]);
    const { rows: policies } = await client.query<PolicyBefore>(
      `select tier, incumbent_provider, incumbent_model from ai_request_type_policy where request_type = $1 for update`,
      [requestType],
    );
    const before = policies[0] ?? { tier: null, incumbent_provider: null, incumbent_model: null };
    if (resolvePolicy([{ requestType, tier: before.tier }], requestType).tier !== line.tier)
      throw new AiCoreError('REQUEST_INVALID', `the tier of ${requestType} was changed a moment ago; look at the proposals again`);
    // A second step down is still compared with the model before the first.
    await client.query(
      `update ai_request_type_policy set tier = $2, incumbent_provider = coalesce(incumbent_provider, $3),
         incumbent_model = coalesce(incumbent_model, $4), updated_at = clock_timestamp() where request_type = $1`,
      [requestType, proposal.tier, line.now.provider, line.now.model],
    );
    const { rows } = await client.query<{ choice: TierChoice }>(
      `insert into ai_tier_choice as c (request_type, simulated, from_tier, to_tier, from_provider, from_model, to_provider, to_model, evidence,
         monthly_saving_nano_usd, policy_before, applied_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning ${ROW} as choice`,
      [
        requestType,
        simulated,
        line.tier,
        proposal.tier,
        line.now.provider,
        line.now.model,
        proposal.provider,
        proposal.model,
        JSON.stringify(line),
        proposal.monthlySavingNanoUsd,
        JSON.stringify(before),
        act.actor,
      ],
    );
    await record({ action: 'tier.applied', subject: requestType, before: { tier: line.tier }, after: { tier: proposal.tier, line } });
    const choice = rows[0]?.choice;
    if (choice === undefined) throw new AiCoreError('INTERNAL', 'the choice was not written');
    return choice;
  });
}

/**
 * Takes the last choice for a request type back: tier and comparison are what they were before it.
 * @throws NOT_FOUND when there is none to undo, REQUEST_INVALID when somebody has set another tier since
 */
export async function undoTierChoice(
  act: Act,
  { requestType, simulated }: { readonly requestType: string; readonly simulated: boolean },
): Promise<TierChoice> {
  return perform(act, async ({ client, record }) => {
    const { rows } = await client.query<{ choice: TierChoice; before: PolicyBefore; now: Tier | null }>(
      `select ${ROW} as choice, c.policy_before as before, p.tier as now
       from ai_tier_choice c left join ai_request_type_policy p on p.request_type = c.request_type
       where c.request_type = $1 and c.simulated = $2 and c.undone_at is null order by c.applied_at desc limit 1 for update of c`,
      [requestType, simulated],
    );
    const last = rows[0];
    if (last === undefined) throw new AiCoreError('NOT_FOUND', `no tier was chosen for ${requestType}`);
    const { choice, before, now } = last;
    if (now !== choice.toTier)
      throw new AiCoreError(
        'REQUEST_INVALID',
        `somebody has set the tier of ${requestType} to ${now ?? 'its usual one'} since; set it by hand`,
      );
    await client.query(
      `update ai_request_type_policy set tier = $2, incumbent_provider = $3, incumbent_model = $4, updated_at = clock_timestamp()
       where request_type = $1`,
      [requestType, before.tier, before.incumbent_provider, before.incumbent_model],
    );
    const { rows: undone } = await client.query<{ choice: TierChoice }>(
      `update ai_tier_choice c set undone_by = $2, undone_at = clock_timestamp(), updated_at = clock_timestamp() where c.id = $1 returning ${ROW} as choice`,
      [choice.id, act.actor],
    );
    await record({ action: 'tier.undone', subject: requestType, before: { tier: choice.toTier }, after: { tier: choice.fromTier } });
    return undone[0] === undefined ? choice : undone[0].choice;
  });
}
