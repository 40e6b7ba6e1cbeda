/** Configurations as operators see them: with the price in effect and the state of the provider. */
import type { Limits } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

export interface ListedProvider {
  readonly id: string;
  readonly provider: string;
  readonly modelName: string;
  readonly kind: 'text' | 'audio';
  readonly tier: 'cheap' | 'normal' | 'premium';
  readonly qualityScore: number;
  readonly isActive: boolean;
  readonly isDefault: boolean;
  readonly maxTokens: number | null;
  readonly maxOutputTokens: number | null;
  readonly lifecycle: 'active' | 'deprecated' | 'retired';
  /** UTC day YYYY-MM-DD. */
  readonly shutdownDate: string | null;
  /** Days from today; negative when it has passed. */
  readonly shutdownInDays: number | null;
  readonly successor: string | null;
  readonly circuit: string;
  readonly adminEdited: readonly string[];
  readonly limits: Limits;
  /** Percent of the traffic while it is tried; null = all. */
  readonly trafficShare: number | null;
  /** Nano-USD per million units, as decimal strings; null = no price in effect. */
  readonly price: { readonly input: string | null; readonly output: string | null; readonly characters: string | null } | null;
}

const LIST: Statement = {
  name: 'provider_list',
  text: `select jsonb_build_object('id', c.id, 'provider', c.provider, 'modelName', c.model_name, 'kind', c.kind, 'tier', c.tier,
      'qualityScore', c.quality_score, 'isActive', c.is_active, 'isDefault', c.is_default, 'maxTokens', c.max_tokens,
      'maxOutputTokens', c.max_output_tokens, 'lifecycle', c.lifecycle, 'shutdownDate', c.shutdown_date,
      'shutdownInDays', c.shutdown_date - (now() at time zone 'UTC')::date, 'successor', c.successor,
      'circuit', coalesce(h.circuit, 'closed'), 'adminEdited', c.admin_edited, 'limits', c.limits,
      'trafficShare', c.traffic_share,
      'price', (select jsonb_build_object('input', p.input_nano_usd::text, 'output', p.output_nano_usd::text,
          'characters', p.characters_nano_usd::text)
        from ai_price p where p.provider = c.provider and p.model_name = c.model_name and p.effective_from <= now()
          and (p.effective_to is null or p.effective_to > now()) order by p.effective_from desc limit 1)) as row
    from ai_provider_config c left join ai_provider_health h on h.provider = c.provider
    order by c.kind desc, c.provider, c.model_name`,
};

/** Every configuration there is. */
export async function listProviders(database: Database): Promise<ListedProvider[]> {
  return (await database.query<{ row: ListedProvider }>(LIST)).map(({ row }) => row);
}
