/** What an admin sets for all requests of a type. */
import { AiCoreError, TIERS, type Tier } from '@ai-core/core';
import { perform, type Act } from './act.ts';
import type { Database, Statement } from './database.ts';

/** null = the built-in value. */
export interface RequestTypeSettings {
  readonly tier: Tier | null;
  /** Least quality score of a model that may answer, and the floor for cheaper tiers, 0 to 1. */
  readonly qualityFloor: number | null;
  /** Days after which a remembered answer is bought anew. */
  readonly expiresAfterDays: number | null;
  /** Seconds after its expiry for which an answer is still given out while a new one is bought behind it. */
  readonly staleForS: number | null;
}

export interface RequestType extends RequestTypeSettings {
  readonly requestType: string;
}

const COLUMNS = `request_type as "requestType", tier, quality_floor::float8 as "qualityFloor", expires_after_days as "expiresAfterDays",
  stale_for_s as "staleForS"`;
const LIST: Statement = { name: 'request_types', text: `select ${COLUMNS} from ai_request_type_policy order by request_type` };

/** The types somebody has set something for. */
export function listRequestTypes(database: Database): Promise<RequestType[]> {
  return database.query<RequestType>(LIST);
}

function isWhole(value: number | null | undefined, most: number): boolean {
  return value === undefined || value === null || (Number.isInteger(value) && value >= 1 && value <= most);
}

function refuseWrong(requestType: string, { tier, qualityFloor, expiresAfterDays, staleForS }: Partial<RequestTypeSettings>): void {
  const refuse = (why: string): never => {
    throw new AiCoreError('REQUEST_INVALID', why);
  };
  if (!/^\S{1,100}$/.test(requestType)) refuse('a request type has 1 to 100 characters and no spaces');
  if (tier !== undefined && tier !== null && !TIERS.includes(tier)) refuse(`a tier is one of ${TIERS.join(', ')}`);
  if (qualityFloor !== undefined && qualityFloor !== null && !(qualityFloor >= 0 && qualityFloor <= 1))
    refuse('a quality floor is from 0 to 1');
  if (!isWhole(expiresAfterDays, 36_500)) refuse('answers expire after 1 to 36500 days');
  if (!isWhole(staleForS, 31_536_000)) refuse('an expired answer is given out for 1 to 31536000 seconds');
}

/**
 * Sets what is named and leaves the rest. Expiry holds for answers from now on; those that are remembered keep theirs.
 * @throws REQUEST_INVALID for a value out of range
 */
export async function setRequestType(act: Act, requestType: string, settings: Partial<RequestTypeSettings>): Promise<RequestType> {
  refuseWrong(requestType, settings);
  return perform(act, async ({ client, record }) => {
    await client.query(`insert into ai_request_type_policy (request_type) values ($1) on conflict do nothing`, [requestType]);
    const { rows } = await client.query<RequestType>(`select ${COLUMNS} from ai_request_type_policy where request_type = $1 for update`, [
      requestType,
    ]);
    const before = rows[0];
    if (before === undefined) throw new AiCoreError('INTERNAL', 'the settings of the type were removed a moment ago; set them again');
    const after: RequestType = { ...before, ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) };
    await client.query(
      `update ai_request_type_policy set tier = $2, quality_floor = $3, expires_after_days = $4, stale_for_s = $5, updated_at = clock_timestamp()
       where request_type = $1`,
      [requestType, after.tier, after.qualityFloor, after.expiresAfterDays, after.staleForS],
    );
    await record({ action: 'request-type.set', subject: requestType, before: { ...before }, after: { ...after } });
    return after;
  });
}
