/**
 * The identity of a request: SHA-256 of its canonical JSON (RFC 8785). The same question has the same hash for ever and in
 * every client; prompt-hash-vectors.json holds examples that must never change.
 */
import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { cleanOptions, CONVERSATION_KEYS } from './clean-options.ts';
import { AiCoreError } from './errors.ts';
import { assertStorable, normalize } from './normalize.ts';
import { isProviderName, PROVIDER_NAMES } from './provider-facts.ts';
import type { HashableRequest, Json, Normalization } from './request.ts';

export interface PromptHash {
  /** 64 lower-case hex digits. */
  readonly hash: string;
  /** The canonical JSON that was hashed. Holds the prompt: never log it. */
  readonly canonical: string;
}

export interface PromptLimits {
  /** Longest prompt (and conversation) in UTF-16 units, JavaScript's string length. */
  readonly maxCharacters?: number | undefined;
}

/** Prompt limit of a request type that has no limit of its own, in UTF-16 units (JavaScript's string length). */
export const DEFAULT_MAX_PROMPT_CHARACTERS = 1_000_000;

/** Largest options, in bytes of their canonical JSON, conversation parts not counted. */
export const MAX_OPTION_BYTES = 16 * 1024;

/** The request type of speech. */
export const AUDIO_REQUEST_TYPE = 'tts_audio';

function canonicalJson(value: object): string {
  return canonicalize(value) ?? 'null';
}

function requireText(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new AiCoreError('REQUEST_INVALID', `${where} must be text.`);
  assertStorable(value, where);
  return value;
}

function requireName(value: unknown, where: string): string {
  const name = requireText(value, where);
  if (name === '') throw new AiCoreError('REQUEST_INVALID', `${where} must not be empty.`);
  return name;
}

function checkLength(characters: number, where: string, maxCharacters: number): void {
  if (characters <= maxCharacters) return;
  throw new AiCoreError(
    'REQUEST_INVALID',
    `${where} has ${characters} characters; this request type allows ${maxCharacters}. Send less text.`,
  );
}

/** Options of the hash, with the limits that need their canonical form. */
function hashOptions(request: HashableRequest, maxCharacters: number): Record<string, Json> {
  const options = cleanOptions(request.options);
  const plain = Object.create(null) as Record<string, Json>;
  for (const [key, value] of Object.entries(options)) {
    if (CONVERSATION_KEYS.has(key)) checkLength(canonicalJson([value]).length - 2, `options.${key}`, maxCharacters);
    else plain[key] = value;
  }
  const bytes = Buffer.byteLength(canonicalJson(plain));
  if (bytes > MAX_OPTION_BYTES) {
    throw new AiCoreError(
      'REQUEST_INVALID',
      `options take ${bytes} bytes; at most ${MAX_OPTION_BYTES} are allowed. Put long text into the prompt.`,
    );
  }
  return options;
}

function pinOf(request: HashableRequest): { provider: string; model: string } | null {
  const named = request.provider != null && request.model != null;
  const manual = request.selection_mode === 'manual' || (request.selection_mode == null && named);
  if (!manual) return null;
  if (!named) throw new AiCoreError('REQUEST_INVALID', 'manual selection needs both provider and model.');
  const provider = requireName(request.provider, 'provider');
  if (!isProviderName(provider)) throw new AiCoreError('REQUEST_INVALID', `provider must be one of ${PROVIDER_NAMES.join(', ')}.`);
  return { provider, model: requireName(request.model, 'model') };
}

function promptOf(request: HashableRequest, normalization: Normalization, maxCharacters: number): string {
  const [where, value] = request.kind === 'audio' ? ['text', request.text] : ['prompt', request.prompt];
  if (typeof value === 'string') checkLength(value.length, where, maxCharacters);
  return normalize(requireText(value, where), normalization);
}

/**
 * @param request in the shape of the wire; `normalization` is the policy of its type, `voice` is already resolved
 * @param limits the policy of the request type; absent = the built-in limit
 * @returns the hash and the JSON it was taken of
 * @throws AiCoreError REQUEST_INVALID when a part is missing, cannot be stored or is over its limit
 */
export function promptHash(request: HashableRequest, limits: PromptLimits = {}): PromptHash {
  const maxCharacters = limits.maxCharacters ?? DEFAULT_MAX_PROMPT_CHARACTERS;
  if (request.kind !== 'text' && request.kind !== 'audio') throw new AiCoreError('REQUEST_INVALID', 'kind must be text or audio.');
  const audio = request.kind === 'audio';
  const exact = audio || request.normalization === 'exact' || request.options?.['case_sensitive'] === true;
  const normalization = exact ? 'exact' : 'loose';
  const prompt = promptOf(request, normalization, maxCharacters);
  const every = {
    v: 1,
    scope: requireName(request.scope ?? 'shared', 'scope'),
    kind: request.kind,
    type: requireName(request.request_type ?? (audio ? AUDIO_REQUEST_TYPE : undefined), 'request_type'),
    normalization,
    options: hashOptions(request, maxCharacters),
    pin: pinOf(request),
  };
  const identity = audio
    ? {
        ...every,
        text: prompt,
        language: requireName(request.language, 'language').toLowerCase(),
        voice: request.voice == null ? null : requireName(request.voice, 'voice'),
        format: request.format ?? 'mp3',
      }
    : { ...every, prompt };
  const canonical = canonicalJson(identity);
  return { hash: hash('sha256', canonical), canonical };
}
