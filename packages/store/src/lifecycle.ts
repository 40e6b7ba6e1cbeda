/** The end of models: what has ended, what ends soon, and what takes its place. */
import { CATALOGUE, configOf, isGone, type Kind, type ProviderConfig, type ProviderName, type Tier } from '@ai-core/core';
import { perform, type Act } from './act.ts';
import { loadCatalogueSnapshot } from './catalogue-snapshot.ts';
import type { Database } from './database.ts';

/** A model as its vendor lists it today. */
export interface VendorModel {
  readonly modelName: string;
  /** UTC day from which it is gone; null = the vendor has named none. */
  readonly shutdownDate: string | null;
}

interface Ended {
  readonly provider: string;
  readonly model_name: string;
  readonly lifecycle: string;
  readonly shutdown_date: string;
}

/**
 * Marks configurations whose last day has passed as retired and takes them out of the choice.
 * @param day UTC day YYYY-MM-DD
 * @returns `provider/model` of those that ended
 */
export function retireEnded(act: Act, day: string): Promise<string[]> {
  return perform(act, async ({ client, record }) => {
    const { rows } = await client.query<Ended>(
      `select provider, model_name, lifecycle, to_char(shutdown_date, 'YYYY-MM-DD') as shutdown_date from ai_provider_config
       where shutdown_date <= $1 and (lifecycle <> 'retired' or is_active) order by id for update`,
      [day],
    );
    for (const { provider, model_name: model, ...row } of rows) {
      await client.query(
        `update ai_provider_config set lifecycle = 'retired', is_active = false, updated_at = clock_timestamp()
         where provider = $1 and model_name = $2 and shutdown_date <= $3`,
        [provider, model, day],
      );
      await record({
        action: 'provider.retired',
        subject: `${provider}/${model}`,
        before: row,
        after: { lifecycle: 'retired', is_active: false },
      });
    }
    return rows.map((row) => `${row.provider}/${row.model_name}`);
  });
}

export interface VendorListing {
  readonly provider: ProviderName;
  readonly models: readonly VendorModel[];
}

/**
 * Compares our configurations with the models their vendor lists: a last day the vendor has named is taken over, unless an admin has set
 * one, and a model it does not list any more is marked. An empty listing says nothing.
 * @returns `provider/model` of what is new since the last look
 */
export function noteVendorModels(act: Act, { provider, models }: VendorListing): Promise<string[]> {
  if (models.length === 0) return Promise.resolve([]);
  return perform(act, async ({ client, record }) => {
    const { rows } = await client.query<{ model_name: string; was: string | null; shutdown_date: string | null; missing: boolean }>(
      `with listed as (select * from jsonb_to_recordset($2::jsonb) as x ("modelName" text, "shutdownDate" date)),
         found as (
           select c.id, c.shutdown_date as was, l."modelName" is null as missing,
             case when 'shutdownDate' = any (c.admin_edited) then c.shutdown_date else coalesce(l."shutdownDate", c.shutdown_date) end as ends
           from ai_provider_config c left join listed l on l."modelName" = c.model_name where c.provider = $1 for update of c)
       update ai_provider_config c set shutdown_date = f.ends,
         missing_since = case when f.missing then coalesce(c.missing_since, clock_timestamp()) end,
         lifecycle = case when c.lifecycle = 'active' and f.ends is not null and not 'lifecycle' = any (c.admin_edited) then 'deprecated' else c.lifecycle end,
         updated_at = clock_timestamp()
       from found f where f.id = c.id
         and (f.ends is distinct from c.shutdown_date or f.missing <> (c.missing_since is not null))
       returning c.model_name, to_char(f.was, 'YYYY-MM-DD') as was, to_char(c.shutdown_date, 'YYYY-MM-DD') as shutdown_date, f.missing`,
      [provider, JSON.stringify(models)],
    );
    for (const row of rows) {
      await record({
        action: 'provider.listing-changed',
        subject: `${provider}/${row.model_name}`,
        before: { shutdown_date: row.was },
        after: { shutdown_date: row.shutdown_date, listed: !row.missing },
      });
    }
    return rows.map((row) => `${provider}/${row.model_name}`);
  });
}

/** A model in use that will not be there for long, and what could take its place. */
export interface EndingModel {
  readonly provider: ProviderName;
  readonly modelName: string;
  readonly kind: Kind;
  readonly tier: Tier;
  /** null = the vendor has named no day and does not list it any more. */
  readonly shutdownDate: string | null;
  readonly daysLeft: number | null;
  readonly isMissing: boolean;
  /** `provider/model`; null = nothing fits. */
  readonly successor: string | null;
  /** True when the successor is configured and active already. */
  readonly successorIsActive: boolean;
}

const DAY_MS = 86_400_000;
/** How long before its last day people are warned. */
const WARN_DAYS = 60;

type Config = Omit<ProviderConfig, 'id'>;

/** The vendor's successor when it can be used, else the cheapest of the same kind and tier that stays. */
export function findSuccessor(model: Config, configs: readonly Config[], today: string): Config | undefined {
  const known = [...configs, ...CATALOGUE.map((entry) => configOf(entry, today))].filter((entry) => !isGone(entry, today));
  const [provider, name] = model.successor?.includes('/') === true ? model.successor.split('/') : [model.provider, model.successor];
  const named = known.find((entry) => entry.provider === provider && entry.modelName === name && entry.kind === model.kind);
  if (named !== undefined) return named;
  const cost = (entry: Config): number => entry.costPerMillionTokens ?? Number.POSITIVE_INFINITY;
  return configs
    .filter((entry) => entry.kind === model.kind && entry.tier === model.tier && entry.isActive && entry.shutdownDate === null)
    .filter((entry) => entry.modelName !== model.modelName && !isGone(entry, today))
    .toSorted((one, two) => cost(one) - cost(two))[0];
}

/** Active models that end within so many days, or that their vendor does not list any more; what ends first comes first. */
export async function listEndingModels(database: Database, withinDays = WARN_DAYS): Promise<EndingModel[]> {
  const { configs, today } = await loadCatalogueSnapshot(database);
  const rows = await database.query<{ id: string }>({
    name: 'missing_models',
    text: 'select id from ai_provider_config where missing_since is not null',
  });
  const missing = new Set(rows.map((row) => row.id));
  return configs
    .filter((config) => config.isActive)
    .map((config) => {
      const daysLeft = config.shutdownDate === null ? null : Math.round((Date.parse(config.shutdownDate) - Date.parse(today)) / DAY_MS);
      const successor = findSuccessor(config, configs, today);
      return {
        provider: config.provider,
        modelName: config.modelName,
        kind: config.kind,
        tier: config.tier,
        shutdownDate: config.shutdownDate,
        daysLeft,
        isMissing: missing.has(config.id),
        successor: successor === undefined ? null : `${successor.provider}/${successor.modelName}`,
        successorIsActive: configs.some(
          (entry) => entry.isActive && entry.provider === successor?.provider && entry.modelName === successor.modelName,
        ),
      };
    })
    .filter(({ daysLeft, isMissing }) => isMissing || (daysLeft !== null && daysLeft <= withinDays))
    .toSorted((one, two) => (one.daysLeft ?? -1) - (two.daysLeft ?? -1));
}
