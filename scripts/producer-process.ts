/**
 * A producer as a process that tests, benches and the crash lab steer by messages. Its one argument is JSON: AiCoreOptions.
 * It takes `{ id, input }` (TextInput with timeoutMs) and answers `{ id, answer }` or `{ id, error }`; bigints travel as they are.
 */
import { AiCoreError } from '@ai-core/core';
import { createAiCore, type AiCoreOptions, type TextInput } from '@ai-core/producer';

export interface ProducerOrder {
  readonly id: number;
  readonly input: TextInput & { readonly timeoutMs?: number };
}

export interface ProducerReply {
  readonly id: number;
  /** Set once the ledger has the request: from then on it must be answered. */
  readonly accepted?: { readonly requestId: string; readonly jobId: string | null } | undefined;
  readonly answer?:
    | { readonly text: string; readonly source: string; readonly costNanoUsd: bigint | null; readonly at: number }
    | undefined;
  readonly error?: { readonly code: string; readonly message: string; readonly jobId: string | undefined } | undefined;
}

const aiCore = await createAiCore({ ...(JSON.parse(process.argv[2] ?? '{}') as AiCoreOptions), onError: () => undefined });

async function serve({ id, input }: ProducerOrder): Promise<void> {
  const { timeoutMs, ...request } = input;
  const reply = (rest: Omit<ProducerReply, 'id'>): void => void process.send?.({ id, ...rest } satisfies ProducerReply);
  try {
    const handle = await aiCore.enqueueText(request);
    reply({ accepted: { requestId: handle.requestId, jobId: handle.jobId } });
    const answer = await handle.result({ timeoutMs });
    reply({ answer: { text: answer.text, source: answer.source, costNanoUsd: answer.costNanoUsd, at: Date.now() } });
  } catch (thrown) {
    const error = AiCoreError.from(thrown);
    reply({ error: { code: error.code, message: error.message, jobId: error.jobId } });
  }
}

process.on('message', (order: ProducerOrder) => void serve(order));
process.once('SIGTERM', () => void aiCore.close().finally(() => process.exit(0)));
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
