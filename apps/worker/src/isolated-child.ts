/** The process a suspicious job runs in: one provider call, then it is ended by its parent. It has no access to ledger or queue. */
import { AiCoreError } from '@ai-core/core';
import { isProviderFailure, type Provider, type SpeechResult, type TextResult } from '@ai-core/providers';
import type { IsolatedMessage, IsolatedOrder } from './isolated-call.ts';
import { loadProvider } from './load-provider.ts';

const ALIVE_EVERY_MS = 1_000;

function tell(message: IsolatedMessage): void {
  process.send?.(message);
}

async function answer(provider: Provider, order: IsolatedOrder): Promise<TextResult | SpeechResult> {
  const { signal } = new AbortController();
  if (order.kind === 'audio') {
    if (provider.generateSpeech === undefined) throw new AiCoreError('MODEL_UNKNOWN', `${order.provider} does not generate speech`);
    return provider.generateSpeech({ ...order.call, signal });
  }
  if (provider.generateText === undefined) throw new AiCoreError('MODEL_UNKNOWN', `${order.provider} does not generate text`);
  return provider.generateText({ ...order.call, signal });
}

async function run(order: IsolatedOrder): Promise<void> {
  setInterval(() => tell({ type: 'alive' }), ALIVE_EVERY_MS);
  try {
    const provider = await loadProvider(order.provider, order.source);
    // On its way before the call can do any harm: from now on the job is to blame.
    await new Promise<void>((resolve) => process.send?.({ type: 'begun' } satisfies IsolatedMessage, () => resolve()));
    tell({ type: 'result', result: await answer(provider, order) });
  } catch (thrown) {
    const error = AiCoreError.from(thrown);
    const paid = isProviderFailure(error) ? error : undefined;
    tell({
      type: 'failure',
      failure: {
        code: error.code,
        reason: error.reason,
        charged: paid?.charged ?? 'no',
        usage: paid?.usage ?? null,
        rawUsage: paid?.rawUsage ?? null,
        model: paid?.model ?? null,
        providerRequestId: paid?.providerRequestId ?? null,
        retryAfterMs: error.retryAfterMs,
      },
    });
  }
}

process.once('message', (order: IsolatedOrder) => void run(order));
// The parent's death ends the child.
process.once('disconnect', () => process.exit(0));
