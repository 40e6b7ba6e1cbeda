/**
 * A producer as a process that tests, benches and the crash lab steer by messages. Its one argument is JSON: AiCoreOptions.
 * It takes `{ id, input }` (TextInput with timeoutMs) or `{ id, speech }` (AudioInput with timeoutMs) and answers `{ id, answer }`,
 * `{ id, sound }` or `{ id, error }`; bigints travel as they are.
 */
import { createHash } from 'node:crypto';
import { AiCoreError } from '@ai-core/core';
import { createAiCore, type AiCoreOptions, type AudioHandle, type AudioInput, type TextInput } from '@ai-core/producer';

interface Patience {
  readonly timeoutMs?: number;
}

export interface TextOrder {
  readonly id: number;
  readonly input: TextInput & Patience;
}

export interface SpeechOrder {
  readonly id: number;
  readonly speech: AudioInput & Patience;
}

export type ProducerOrder = TextOrder | SpeechOrder;

export interface ProducerReply {
  readonly id: number;
  /** Set once the ledger has the request: from then on it must be answered. */
  readonly accepted?: { readonly requestId: string; readonly jobId: string | null } | undefined;
  readonly answer?:
    | { readonly text: string; readonly source: string; readonly costNanoUsd: bigint | null; readonly at: number }
    | undefined;
  /** What came of a speech order: the SHA-256 of the bytes as they were read from the object store. */
  readonly sound?: { readonly sha256: string } | undefined;
  readonly error?: { readonly code: string; readonly message: string; readonly jobId: string | undefined } | undefined;
}

const READ_AGAIN_MS = 500;

const aiCore = await createAiCore({ ...(JSON.parse(process.argv[2] ?? '{}') as AiCoreOptions), onError: () => undefined });

type Reply = (rest: Omit<ProducerReply, 'id'>) => void;

async function serveText({ input }: TextOrder, reply: Reply): Promise<void> {
  const { timeoutMs, ...request } = input;
  const handle = await aiCore.enqueueText(request);
  reply({ accepted: { requestId: handle.requestId, jobId: handle.jobId } });
  const answer = await handle.result({ timeoutMs });
  reply({ answer: { text: answer.text, source: answer.source, costNanoUsd: answer.costNanoUsd, at: Date.now() } });
}

/** As a patient backend does: while the object store is away the MP3 of an answer that is there is asked for again. */
async function listen(handle: AudioHandle, timeoutMs: number | undefined): Promise<Uint8Array> {
  for (;;) {
    try {
      return (await handle.result({ timeoutMs })).audio;
    } catch (error) {
      if (!AiCoreError.is(error) || error.code !== 'STORE_UNAVAILABLE') throw error;
      await new Promise((resolve) => setTimeout(resolve, READ_AGAIN_MS));
    }
  }
}

async function serveSpeech({ speech }: SpeechOrder, reply: Reply): Promise<void> {
  const { timeoutMs, ...request } = speech;
  const handle = await aiCore.enqueueAudio(request);
  reply({ accepted: { requestId: handle.requestId, jobId: handle.jobId } });
  const audio = await listen(handle, timeoutMs);
  reply({ sound: { sha256: createHash('sha256').update(audio).digest('hex') } });
}

async function serve(order: ProducerOrder): Promise<void> {
  const { id } = order;
  const reply: Reply = (rest) => void process.send?.({ id, ...rest } satisfies ProducerReply);
  try {
    await ('input' in order ? serveText(order, reply) : serveSpeech(order, reply));
  } catch (thrown) {
    const error = AiCoreError.from(thrown);
    reply({ error: { code: error.code, message: error.message, jobId: error.jobId } });
  }
}

process.on('message', (order: ProducerOrder) => void serve(order));
process.once('SIGTERM', () => void aiCore.close().finally(() => process.exit(0)));
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
