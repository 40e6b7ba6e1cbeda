/** A configuration as the API lists it, and what several pages do with it. */
import type { RaRecord } from 'react-admin';

export interface ProviderRow extends RaRecord {
  readonly provider: string;
  readonly modelName: string;
  readonly kind: 'text' | 'audio';
  readonly tier: string;
  readonly qualityScore: number;
  readonly isActive: boolean;
  readonly isDefault: boolean;
  readonly maxTokens: number | null;
  readonly maxOutputTokens: number | null;
  readonly lifecycle: string;
  readonly shutdownDate: string | null;
  readonly shutdownInDays: number | null;
  readonly successor: string | null;
  /** `provider/model` that could take its place, where it ends soon and is chosen. */
  readonly replacement: string | null;
  readonly circuit: string;
  readonly trafficShare: number | null;
  readonly limits: {
    readonly requestsPerMinute?: number;
    readonly tokensPerMinute?: number;
    readonly concurrency?: number;
    readonly dailySpendNanoUsd?: string;
  };
  readonly price: { readonly input: string | null; readonly output: string | null; readonly characters: string | null } | null;
}

export const nameOf = ({ provider, modelName }: Pick<ProviderRow, 'provider' | 'modelName'>): string => `${provider}/${modelName}`;
export const pathOf = ({ id }: ProviderRow): string => `/api/providers/${String(id)}`;
