import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import type { ErrorCode, Json, ProviderName, Usage } from '@ai-core/core';
import { ProviderFailure, type Charged, type SpeechCall, type SpeechResult, type TextCall, type TextResult } from '@ai-core/providers';
import type { ProviderSource } from './load-provider.ts';

/** A text call as it travels to a child process: everything but the signal and the callbacks. */
export type PortableTextCall = Omit<TextCall, 'signal' | 'onDelta'>;

/** The same of a speech call. */
export type PortableSpeechCall = Omit<SpeechCall, 'signal'>;

interface OrderBase {
  readonly provider: ProviderName;
  readonly source: ProviderSource;
}

export interface IsolatedText extends OrderBase {
  readonly kind: 'text';
  readonly call: PortableTextCall;
}

export interface IsolatedSpeech extends OrderBase {
  readonly kind: 'audio';
  readonly call: PortableSpeechCall;
}

export type IsolatedOrder = IsolatedText | IsolatedSpeech;

/** What each kind of order comes to. */
interface Results {
  readonly text: TextResult;
  readonly audio: SpeechResult;
}

/** What the child says: that the call begins, that it lives, and in the end what came of the call. */
export type IsolatedMessage =
  | { readonly type: 'begun' }
  | { readonly type: 'alive' }
  | { readonly type: 'result'; readonly result: TextResult | SpeechResult }
  | { readonly type: 'failure'; readonly failure: PortableFailure };

export interface PortableFailure {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly charged: Charged;
  readonly usage: Usage | null;
  readonly rawUsage: Json;
  readonly model: string | null;
  readonly providerRequestId: string | null;
  readonly retryAfterMs: number | undefined;
}

/** Workers that died with the same job in hand before it has to run in a process of its own. */
export const DEATHS_OF_A_SUSPECT = 2;

const CHILD = fileURLToPath(new URL('./isolated-child.ts', import.meta.url));
/** A child that says nothing for this long in its call is stuck beyond help. */
const SILENCE_MS = 30_000;
/** A process that has not even begun its call by then has met a machine that is beyond help, and not a bad job. */
const START_MS = 120_000;

/** Starting a process takes a third of a second of a core: in a storm of kills many innocent jobs are suspects at once. */
const oneOfFew = pLimit(2);

/**
 * Makes a provider call in a process of its own, for a job that may have killed its workers. Only the child's death in the call, or
 * its silence, proves that the job is to blame: workers also die of other things, with innocent jobs in hand.
 * @throws JOB_POISONED when the child dies or falls silent in its call; NO_MODEL_AVAILABLE when it did not come to call at all;
 *   otherwise what the call itself throws
 */
export function callInIsolation<Order extends IsolatedOrder>(order: Order, signal: AbortSignal): Promise<Results[Order['kind']]> {
  return oneOfFew(() => runChild(order, signal));
}

function cutOff({ call }: IsolatedOrder, charged: Charged): ProviderFailure {
  return new ProviderFailure('JOB_CANCELLED', `the call of ${call.model} was cut because the worker stops`, { charged });
}

async function runChild<Order extends IsolatedOrder>(order: Order, signal: AbortSignal): Promise<Results[Order['kind']]> {
  // It may have waited for its turn until the worker had to stop: then nobody is called.
  if (signal.aborted) throw cutOff(order, 'no');
  const child = fork(CHILD, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: 'advanced' });
  return new Promise<Results[Order['kind']]>((resolve, reject) => {
    let silence: NodeJS.Timeout;
    let hasBegun = false;
    const unable = (): void =>
      finish(() =>
        reject(
          new ProviderFailure('NO_MODEL_AVAILABLE', 'the process for a suspicious job did not start; is this machine overloaded?', {
            charged: 'no',
          }),
        ),
      );
    const poisoned = (how: string): void =>
      finish(() =>
        reject(
          new ProviderFailure('JOB_POISONED', `the job ${how} after ${order.call.model} was called for it; it was taken out of the queue`, {
            charged: 'unknown',
          }),
        ),
      );
    // The crash lab: with 35 processes on two cores a start took more than 30 s, and good jobs were taken out of the queue for that.
    const listen = (): void => {
      clearTimeout(silence);
      silence = setTimeout(hasBegun ? () => poisoned('silenced the process it ran in') : unable, hasBegun ? SILENCE_MS : START_MS);
    };
    const abort = (): void => finish(() => reject(cutOff(order, 'unknown')));
    function finish(deliver: () => void): void {
      clearTimeout(silence);
      signal.removeEventListener('abort', abort);
      child.removeAllListeners();
      child.kill('SIGKILL');
      deliver();
    }

    child.once('exit', () => (hasBegun ? poisoned('ended the process it ran in') : unable()));
    child.on('message', (message: IsolatedMessage) => {
      hasBegun ||= message.type === 'begun';
      listen();
      if (message.type === 'result') finish(() => resolve(message.result as Results[Order['kind']]));
      if (message.type === 'failure') {
        const { code, reason, ...facts } = message.failure;
        finish(() =>
          reject(new ProviderFailure(code, reason, { ...facts, usage: facts.usage ?? undefined, model: facts.model ?? undefined })),
        );
      }
    });
    listen();
    signal.addEventListener('abort', abort, { once: true });
    // A child that is gone cannot take its order, and says so by its exit. Without the callback that ended the worker, with all it held.
    child.send(order, () => undefined);
  });
}
