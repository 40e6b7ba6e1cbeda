import { AiCoreError, fingerprintRequest, parseAudioRequest, type AudioRequest } from '@ai-core/core';
import type { MemoryHit } from '@ai-core/store';
import { acceptRequest } from './accept-request.ts';
import type { AskedRequest } from './asked-request.ts';
import { estimateRequest, type Estimate } from './estimate-request.ts';
import { elapsed, forgotten } from './answer-base.ts';
import { speechFromJob, speechFromMemory, type AudioLink, type ExplainedAudioAnswer, type LinkedSpeech } from './audio-answer.ts';
import type { AudioInput } from './audio-input.ts';
import type { Connections } from './connections.ts';
import { identifyAudio } from './identify-audio.ts';
import { redactSpeech } from './redact-request.ts';
import type { RequestHandle } from './request-handle.ts';
import { toWire, type WaitInput } from './request-input.ts';

/** A speech request that has been accepted. */
export interface AudioHandle extends RequestHandle<ExplainedAudioAnswer> {
  /** Waits for the speech as result() does, without reading its bytes. */
  link(wait?: WaitInput): Promise<AudioLink>;
}

interface Accepted {
  readonly handle: RequestHandle<LinkedSpeech>;
  /** The bytes of a remembered answer, where they were read before it was promised. */
  readonly bytes: Uint8Array | undefined;
}

interface Accepted {
  readonly handle: RequestHandle<LinkedSpeech>;
  readonly since: number;
  /** The bytes of a remembered answer, where they were read before it was promised. */
  readonly bytes: Uint8Array | undefined;
}

/** first: the bytes of a remembered answer are read before it is promised and counted. */
type Reading = 'first' | 'later';

/**
 * Accepts a speech request, see acceptRequest(). A remembered answer whose MP3 is gone is no answer: it is made anew.
 * @param reading `first` for a caller who wants the bytes at once: a lost MP3 then costs one request, not two
 * @throws REQUEST_INVALID, VOICE_UNKNOWN, MODEL_UNKNOWN and the other errors of the choice; STORE_UNAVAILABLE when nothing could be
 *   accepted, or without an object store
 */
export async function requestAudio(connections: Connections, input: AudioInput, reading: Reading = 'later'): Promise<AudioHandle> {
  const { text, language, voiceId, format, idempotencyKey } = input;
  const parsed = parseAudioRequest(toWire(input, { text, language, voice_id: voiceId, format }));
  return acceptAudio(connections, parsed, { idempotencyKey, reading });
}

/** What comes with a speech request beside its fields. */
export interface AudioCompanions {
  readonly idempotencyKey?: string | undefined;
}

/** The same for a request that has been checked already, as doors have to. */
export async function acceptAudio(
  connections: Connections,
  parsed: AudioRequest,
  { idempotencyKey, reading = 'later' }: AudioCompanions & { readonly reading?: Reading } = {},
): Promise<AudioHandle> {
  const { sounds } = connections;
  const { handle, since, bytes } = await accept(connections, parsed, { idempotencyKey, reading });
  return {
    ...handle,
    async link(wait) {
      const { file: _, ...answer } = await handle.result(wait);
      return answer;
    },
    async result(wait) {
      const { file, ...answer } = await handle.result(wait);
      const audio = bytes ?? (await sounds.read(file)) ?? (await replaceLost(connections, parsed, answer));
      return { ...answer, ...(audio instanceof Uint8Array ? { audio } : audio), latencyMs: elapsed(since) };
    },
  };
}

/** The MP3 has gone since it was last seen: what is remembered is of no use to anybody, and this caller still wants to hear something. */
async function replaceLost(connections: Connections, parsed: AudioRequest, lost: AudioLink): Promise<ExplainedAudioAnswer> {
  const { sounds, remembered } = connections;
  if (lost.memoryId === null) throw forgotten(lost.jobId);
  await sounds.retire(lost.memoryId);
  remembered.clear();
  const { handle, since, bytes } = await accept(connections, parsed, { idempotencyKey: undefined, reading: 'first' });
  const { file, ...answer } = await handle.result();
  const audio = bytes ?? (await sounds.read(file));
  if (audio === undefined) {
    throw new AiCoreError('STORE_UNAVAILABLE', 'the object store loses what is written to it; `ai-core doctor` lists what is missing', {
      jobId: answer.jobId ?? undefined,
    });
  }
  return { ...answer, audio, latencyMs: elapsed(since) };
}

interface HowToAccept {
  readonly idempotencyKey: string | undefined;
  readonly reading: Reading;
}

async function accept(connections: Connections, parsed: AudioRequest, { idempotencyKey, reading }: HowToAccept): Promise<Accepted> {
  const { sounds } = connections;
  sounds.require();
  const asked = askSpeech(connections, parsed, idempotencyKey);
  let bytes: Uint8Array | undefined;

  async function readFirst({ memory }: MemoryHit): Promise<boolean> {
    bytes = memory.audio === null ? undefined : await sounds.read(memory.audio.file);
    if (bytes === undefined) await sounds.retire(memory.id);
    return bytes !== undefined;
  }

  const handle = await acceptRequest(connections, { ...asked, confirm: reading === 'first' ? readFirst : sounds.confirm });
  return { handle, since: asked.since, bytes: handle.outcome === 'hit' ? bytes : undefined };
}

function askSpeech(connections: Connections, parsed: AudioRequest, idempotencyKey: string | undefined): AskedRequest<LinkedSpeech> {
  const { sounds } = connections;
  const redacted = redactSpeech(parsed);
  return {
    ...redacted,
    since: performance.now(),
    idempotencyKey,
    fingerprint: () => fingerprintRequest(parsed, connections.simulated),
    identify: (requestId, snapshot) => identifyAudio(connections, { ...redacted, requestId }, snapshot),
    confirm: sounds.confirm,
    fromMemory: (memory, delivery) => speechFromMemory(sounds, memory, delivery),
    fromJob: (result, { latencyMs }) => speechFromJob(sounds, result, latencyMs),
  };
}

/** What a checked speech request would cost; nobody is asked. */
export function estimateAudio(connections: Connections, parsed: AudioRequest): Promise<Estimate> {
  return estimateRequest(connections, askSpeech(connections, parsed, undefined));
}
