/** What an admin does to configurations. Columns an admin has set are left alone by setup. */
import {
  AiCoreError,
  checkProviderEdit,
  configOf,
  findCatalogueModel,
  isProviderName,
  PROVIDER_NAMES,
  queueOf,
  type Kind,
  type ProviderEdit,
} from '@ai-core/core';
import type pg from 'pg';
import { perform, type Act, type ActTransaction } from './act.ts';

export interface ProviderKey {
  readonly provider: string;
  readonly modelName: string;
  readonly kind: Kind;
}

const COLUMNS = {
  tier: 'tier',
  costPerMillionTokens: 'cost_per_million_tokens',
  costPerRequest: 'cost_per_request',
  qualityScore: 'quality_score',
  isActive: 'is_active',
  isDefault: 'is_default',
  maxTokens: 'max_tokens',
  maxOutputTokens: 'max_output_tokens',
  capabilities: 'capabilities',
  lifecycle: 'lifecycle',
  shutdownDate: 'shutdown_date',
  successor: 'successor',
  limits: 'limits',
  trafficShare: 'traffic_share',
  baseUrl: 'base_url',
} as const satisfies Record<keyof ProviderEdit, string>;

const ROW = Object.values(COLUMNS).join(', ');

/** Columns of a configuration. */
export type ConfigValues = Record<string, unknown>;

/** @throws REQUEST_INVALID that names the field */
function toColumns(edit: ProviderEdit): [column: string, field: string, value: unknown][] {
  checkProviderEdit(edit);
  return Object.entries(COLUMNS).flatMap(([field, column]) => {
    const value = edit[field as keyof ProviderEdit];
    if (value === undefined) return [];
    return [[column, field, typeof value === 'object' && value !== null ? JSON.stringify(value) : value]];
  });
}

export function nameOf({ provider, modelName }: ProviderKey): string {
  return `${provider}/${modelName}`;
}

/** One default for each kind and tier: a new one takes the place of the old. */
async function yieldDefault(client: pg.PoolClient, id: string): Promise<void> {
  await client.query(
    `update ai_provider_config o set is_default = false, updated_at = clock_timestamp(),
       admin_edited = array(select distinct unnest(o.admin_edited || '{isDefault}'::text[]))
     from ai_provider_config c where c.id = $1 and o.kind = c.kind and o.tier = c.tier and o.id <> c.id and o.is_default`,
    [id],
  );
}

/** Writes an edit in a transaction that somebody else audits. */
export async function writeEdit(client: pg.PoolClient, id: string, edit: ProviderEdit): Promise<ConfigValues> {
  const columns = toColumns(edit);
  const sets = columns.map(([column], index) => `${column} = $${index + 3}`);
  const { rows } = await client.query<ConfigValues>(
    `update ai_provider_config set ${[...sets, 'updated_at = clock_timestamp()'].join(', ')},
       admin_edited = array(select distinct unnest(admin_edited || $2::text[]))
     where id = $1 returning ${ROW}`,
    [id, columns.map(([, field]) => field), ...columns.map(([, , value]) => value)],
  );
  if (edit.isDefault === true) await yieldDefault(client, id);
  return rows[0] ?? {};
}

/**
 * Changes a configuration.
 * @returns the columns after the change
 * @throws REQUEST_INVALID for a value out of range or nothing to change; NOT_FOUND when there is no such configuration
 */
export async function editProvider(act: Act, key: ProviderKey, edit: ProviderEdit): Promise<Readonly<ConfigValues>> {
  const columns = toColumns(edit);
  if (columns.length === 0) throw new AiCoreError('REQUEST_INVALID', 'name at least one thing to change');
  return perform(act, async ({ client, record }) => {
    const { rows } = await client.query<ConfigValues & { id: string }>(
      `select id, ${ROW} from ai_provider_config where provider = $1 and model_name = $2 and kind = $3 for update`,
      [key.provider, key.modelName, key.kind],
    );
    const before = rows[0];
    if (before === undefined) throw new AiCoreError('NOT_FOUND', `there is no ${key.kind} configuration ${nameOf(key)}`);
    const after = await writeEdit(client, before.id, edit);
    const changed = columns.map(([column]) => column);
    const pick = (row: ConfigValues): ConfigValues => Object.fromEntries(changed.map((column) => [column, row[column]]));
    await record({ action: 'provider.edited', subject: nameOf(key), before: pick(before), after: pick(after) });
    return after;
  });
}

/** Takes a model out of the choice, whatever the catalogue says from now on. */
export function disableProvider(act: Act, key: ProviderKey): Promise<Readonly<ConfigValues>> {
  return editProvider(act, key, { isActive: false });
}

/** Adds a configuration as the catalogue knows the model. @returns its id @throws REQUEST_INVALID when it is there */
export async function insertConfig({ client }: ActTransaction, key: ProviderKey): Promise<string> {
  const { rows: days } = await client.query<{ today: string }>(
    `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD') as today`,
  );
  const known = findCatalogueModel(key.provider, key.modelName);
  const base = known?.kind === key.kind ? configOf(known, days[0]?.today ?? '') : { tier: 'normal', capabilities: {} };
  const fields = Object.entries(COLUMNS).flatMap(([field, column]) => {
    const value = (base as ConfigValues)[field];
    return value === undefined ? [] : [{ column, value: typeof value === 'object' && value !== null ? JSON.stringify(value) : value }];
  });
  const { rows } = await client.query<{ id: string }>(
    `insert into ai_provider_config (provider, model_name, kind, ${fields.map(({ column }) => column).join(', ')})
     values ($1, $2, $3, ${fields.map((_, index) => `$${index + 4}`).join(', ')}) on conflict do nothing returning id`,
    [key.provider, key.modelName, key.kind, ...fields.map(({ value }) => value)],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new AiCoreError('REQUEST_INVALID', `${nameOf(key)} is configured already; edit it instead`);
  return id;
}

/**
 * Adds a configuration: what the catalogue knows of the model, and what is given on top.
 * @throws REQUEST_INVALID for an unknown provider, one that does not do this kind of work, a value out of range, or when it is there already
 */
export async function addProvider(act: Act, key: ProviderKey, edit: ProviderEdit): Promise<Readonly<ConfigValues>> {
  checkProviderEdit(edit);
  if (!isProviderName(key.provider)) throw new AiCoreError('REQUEST_INVALID', `provider must be one of ${PROVIDER_NAMES.join(', ')}`);
  if (queueOf(key.provider, key.kind) === undefined) throw new AiCoreError('REQUEST_INVALID', `${key.provider} has no ${key.kind} models`);
  if (!/^\S{1,200}$/.test(key.modelName)) throw new AiCoreError('REQUEST_INVALID', 'a model name has 1 to 200 characters and no spaces');
  return perform(act, async (transaction) => {
    const id = await insertConfig(transaction, key);
    const after = await writeEdit(transaction.client, id, edit);
    await transaction.record({ action: 'provider.added', subject: nameOf(key), after: { kind: key.kind, ...after } });
    return after;
  });
}
