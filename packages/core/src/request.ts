import type { Kind, ProviderName } from './provider-facts.ts';
import type { SpeechFormat } from './speech-format.ts';

/** JSON values, as options may hold them. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const CACHE_MODES = ['use', 'refresh', 'bypass'] as const;
/** use: remembered answer, join, remember. refresh: buy again and remember. bypass: neither read, nor join, nor remember. */
export type CacheMode = (typeof CACHE_MODES)[number];

export const LANES = ['interactive', 'batch'] as const;
/** interactive: somebody waits. batch: may wait for the provider's cheaper batch API. */
export type Lane = (typeof LANES)[number];

export const SELECTION_MODES = ['auto', 'manual'] as const;
export type SelectionMode = (typeof SELECTION_MODES)[number];

/** loose: Unicode NFC, white space folded, lower case. exact: NFC, line ends as LF, outer white space stripped. */
export type Normalization = 'loose' | 'exact';

/** A request in the shape the prompt hash is defined on: snake_case as on the wire, kept stable for ever. */
export interface HashableRequest {
  readonly kind: Kind;
  readonly request_type?: string | undefined;
  readonly prompt?: string | undefined;
  readonly text?: string | undefined;
  readonly language?: string | undefined;
  readonly voice?: string | null | undefined;
  /** Of speech; absent = mp3. */
  readonly format?: SpeechFormat | undefined;
  readonly options?: Record<string, Json> | null | undefined;
  readonly selection_mode?: SelectionMode | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly scope?: string | undefined;
  /** The policy of the request type. */
  readonly normalization?: Normalization | undefined;
}

/** What a worker needs to do the work: the content of ai_job.request. Personal data is already replaced. */
export interface JobRequest {
  readonly kind: Kind;
  readonly request_type: string;
  /** Text to answer (text) or to speak (audio), in the caller's own case. */
  readonly prompt: string;
  readonly options: Record<string, Json>;
  readonly language?: string | undefined;
  /** The provider's id of the voice; null = the default of whoever speaks. */
  readonly voice?: string | null | undefined;
  /** Whose voice it is: another provider speaks with its own default. */
  readonly voice_provider?: string | null | undefined;
  /** Of speech; absent = mp3. */
  readonly format?: SpeechFormat | undefined;
  /** Personal data that has to be said, in base64, sealed for the id behind `once:` in the scope; the placeholders stand in the prompt. */
  readonly sealed_values?: string | undefined;
  readonly selection_mode: SelectionMode;
  /** The most tokens the answer may have, from the request or its type's policy. */
  readonly max_output_tokens?: number | undefined;
  /** Somebody watches the text come: the call is streamed. */
  readonly stream?: boolean | undefined;
}

/** A pinned choice. */
export interface Pin {
  readonly provider: ProviderName;
  readonly model: string;
}
