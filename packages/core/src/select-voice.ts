import { AiCoreError } from './errors.ts';
import type { Capabilities } from './model.ts';
import type { ProviderName } from './provider-facts.ts';
import { PUBLIC_VOICES, VOICE_IDS } from './select-voice-names.ts';

/** A row of ai_voice. */
export interface KnownVoice {
  readonly provider: string;
  readonly name: string;
  readonly voiceId: string;
  /** BCP 47; empty = all. */
  readonly languages: readonly string[];
}

export interface VoiceQuestion {
  /** Name or id, as the caller gave it; nothing = the default of the language. */
  readonly voice?: string | null | undefined;
  readonly provider: ProviderName;
  /** Of the model that will speak. */
  readonly capabilities: Pick<Capabilities, 'defaultVoices'>;
  /** BCP 47. */
  readonly language: string;
  /** Of any provider. */
  readonly voices: readonly KnownVoice[];
}

/** Ids that no table can know, such as those of cloned voices. */
const LONG_ID = /^[\w-]{20,}$/;
const NAMED_IN_ERROR = 3;

interface Entry {
  readonly name: string;
  readonly voiceId: string;
  readonly speaks: boolean;
}

function primaryTag(language: string): string {
  return language.split('-')[0]?.toLowerCase() ?? '';
}

/** Case, width and outer white space do not tell names apart. */
function toKey(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

/** ElevenLabs lists its voices as "Lily - Velvety Actress"; people say "Lily". */
function firstName(name: string): string {
  return name.split(' - ', 1)[0] ?? name;
}

/** Levenshtein's distance. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j += 1) {
      const replaced = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

function nearestNames(voice: string, entries: readonly Entry[]): string[] {
  const names = [...new Set(entries.map(({ name }) => firstName(name)))];
  const distances = names.map((name) => ({ name, edits: countEdits(toKey(voice), toKey(name)) }));
  return distances.toSorted((one, other) => one.edits - other.edits).flatMap(({ name }, index) => (index < NAMED_IN_ERROR ? [name] : []));
}

/** Rows first, those that speak the language before the others; then what every account has. */
function listEntries({ provider, language, voices }: VoiceQuestion): Entry[] {
  const primary = primaryTag(language);
  const rows = voices
    .filter((row) => row.provider === provider)
    .map(({ name, voiceId, languages }) => ({
      name,
      voiceId,
      speaks: languages.length === 0 || languages.some((tag) => primaryTag(tag) === primary),
    }));
  const others = Object.entries(PUBLIC_VOICES[provider] ?? {}).map(([name, voiceId]) => ({ name, voiceId, speaks: true }));
  return [...rows.filter(({ speaks }) => speaks), ...rows.filter(({ speaks }) => !speaks), ...others];
}

/** @returns the voice to use for a language when the caller names none; null when the model has none for it */
export function defaultVoice({ defaultVoices = {} }: Pick<Capabilities, 'defaultVoices'>, language: string): string | null {
  return defaultVoices[language.toLowerCase()] ?? defaultVoices[primaryTag(language)] ?? defaultVoices['*'] ?? null;
}

/** @returns the id of a voice that the provider is known to have; null = not known, which does not prove that it has none */
export function findVoice(question: VoiceQuestion): string | null {
  const { provider } = question;
  const voice = question.voice?.trim() ?? '';
  const entries = listEntries(question);
  const key = toKey(voice);
  const found =
    entries.find(({ voiceId }) => voiceId === voice) ??
    entries.find(({ name }) => toKey(name) === key) ??
    entries.find(({ name }) => toKey(firstName(name)) === key);
  if (found) return found.voiceId;
  return VOICE_IDS[provider]?.test(voice) ? voice : null;
}

/** @returns true for what can only be an id, such as one of a cloned voice, which no table knows */
export function isVoiceId(voice: string): boolean {
  return LONG_ID.test(voice.trim());
}

/**
 * Finds the id of the voice that a request means, before it is hashed: two names of one voice are one question.
 * @returns the id; null when the caller named none and the model has no default for the language
 * @throws AiCoreError VOICE_UNKNOWN, with the names most like the one that was given
 */
export function selectVoice(question: VoiceQuestion): string | null {
  const { provider, capabilities, language } = question;
  const voice = question.voice?.trim() ?? '';
  if (voice === '') return defaultVoice(capabilities, language);
  const found = findVoice(question);
  if (found !== null) return found;
  if (isVoiceId(voice)) return voice;
  const nearest = nearestNames(voice, listEntries(question));
  const advice = nearest.length > 0 ? `; the nearest are ${nearest.join(', ')}` : '; name one of its voice ids';
  throw new AiCoreError('VOICE_UNKNOWN', `${provider} has no voice named ${JSON.stringify(voice)}${advice}`);
}
