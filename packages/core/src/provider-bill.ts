/** What a provider's export of usage or costs says, in one form for every provider. */
import type { Usage } from './usage.ts';

export const BILL_PROVIDERS = ['openai', 'claude', 'gemini', 'elevenlabs'] as const;
/** Providers whose exports can be read; named as in the catalogue. */
export type BillProvider = (typeof BILL_PROVIDERS)[number];

/** One line of an export: the use of a model on a day, or a single call where the export has request ids. */
export interface BilledLine {
  /** Where it stands: `line 4` of a CSV, `data[0].results[1]` of JSON. */
  readonly place: string;
  /** YYYY-MM-DD in the bill's time zone. */
  readonly day: string;
  readonly model: string;
  readonly requestId: string | null;
  /** null = the export counts use and no money. */
  readonly costNanoUsd: bigint | null;
  /** Digits after the point of the amount in US dollars, as it was written; null without one. */
  readonly decimals: number | null;
  /** null = the export does not count calls. */
  readonly calls: number | null;
  /** null = the export does not count tokens or characters. */
  readonly usage: Usage | null;
}

export interface ProviderBill {
  readonly provider: BillProvider;
  /** IANA name of the zone its days are of. */
  readonly timeZone: 'UTC' | 'America/Los_Angeles';
  /** First and last day it covers, days without use included where the export lists them. */
  readonly from: string;
  readonly to: string;
  readonly lines: readonly BilledLine[];
  /** Lines for something other than the provider's models. */
  readonly ignored: number;
}
