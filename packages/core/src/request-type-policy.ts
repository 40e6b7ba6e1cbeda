/** What holds for every request of one type: the built-in values, and rows of ai_request_type_policy that change them. */
import type { Tier } from './model.ts';
import { AUDIO_REQUEST_TYPE, DEFAULT_MAX_PROMPT_CHARACTERS } from './prompt-hash.ts';
import type { Normalization } from './request.ts';

export interface RequestTypePolicy {
  readonly requestType: string;
  /** Tier that is asked for when the request names none. */
  readonly tier: Tier;
  readonly normalization: Normalization;
  /** Least quality score of a model that may answer, 0.0 to 1.0. */
  readonly qualityFloor: number;
  /** Longest prompt in UTF-16 units; a longer one is refused before it is hashed. */
  readonly maxPromptCharacters: number;
  /** Most tokens of an answer, reasoning included, when the request names no limit. */
  readonly maxOutputTokens: number;
  /** Most tokens of an answer whatever the request names: what the row says; null = no such limit. */
  readonly outputTokenCap: number | null;
  /** Days after which a remembered answer is bought anew; null = it is good for ever. */
  readonly expiresAfterDays: number | null;
  /** Time one provider call may take in all, in milliseconds. */
  readonly timeoutMs: number;
}

/** A row of ai_request_type_policy: what is null or absent keeps its built-in value. */
export type RequestTypePolicyRow = { readonly requestType: string } & {
  readonly [Field in Exclude<keyof RequestTypePolicy, 'requestType' | 'outputTokenCap'>]?: RequestTypePolicy[Field] | null;
};

type Settings = Omit<RequestTypePolicy, 'requestType' | 'outputTokenCap'>;

/** Short work for a cheap model. */
const ORDINARY: Settings = {
  tier: 'cheap',
  normalization: 'loose',
  qualityFloor: 0,
  maxPromptCharacters: DEFAULT_MAX_PROMPT_CHARACTERS,
  maxOutputTokens: 8192,
  expiresAfterDays: null,
  timeoutMs: 120_000,
};

/** Content that learners get to see as it is: a better model, and room and time for a long answer. */
const IMPORTANT: Settings = { ...ORDINARY, tier: 'normal', maxOutputTokens: 16_384, timeoutMs: 300_000 };

/** What a request of a type without an entry gets is ORDINARY. */
const BUILT_IN: ReadonlyMap<string, Settings> = new Map([
  ['podcast_script', IMPORTANT],
  ['report', IMPORTANT],
  ['lesson_script', IMPORTANT],
  ['chat', { ...ORDINARY, normalization: 'exact' }],
  [AUDIO_REQUEST_TYPE, { ...ORDINARY, normalization: 'exact' }],
]);

/** The request types that have built-in values of their own. */
export const BUILT_IN_REQUEST_TYPES: readonly string[] = [...BUILT_IN.keys()];

/**
 * The policy of a request type: its built-in values, overlaid by its row.
 * @param rows every row of ai_request_type_policy
 */
export function resolvePolicy(rows: readonly RequestTypePolicyRow[], requestType: string): RequestTypePolicy {
  const settings: Settings = BUILT_IN.get(requestType) ?? ORDINARY;
  const row = rows.find((candidate) => candidate.requestType === requestType);
  return {
    requestType,
    tier: row?.tier ?? settings.tier,
    normalization: row?.normalization ?? settings.normalization,
    qualityFloor: row?.qualityFloor ?? settings.qualityFloor,
    maxPromptCharacters: row?.maxPromptCharacters ?? settings.maxPromptCharacters,
    maxOutputTokens: row?.maxOutputTokens ?? settings.maxOutputTokens,
    outputTokenCap: row?.maxOutputTokens ?? null,
    expiresAfterDays: row?.expiresAfterDays ?? settings.expiresAfterDays,
    timeoutMs: row?.timeoutMs ?? settings.timeoutMs,
  };
}
