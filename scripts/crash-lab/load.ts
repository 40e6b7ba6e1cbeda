import { ERRORS, isErrorCode } from '@ai-core/core';
import type { Child } from '../child-process.ts';
import type { ProducerOrder, ProducerReply } from '../producer-process.ts';
import type { LoadPlan, PlannedRequest } from './plan-load.ts';

/** What became of one planned request. */
export interface Outcome {
  readonly prompt: number;
  /** Set once the ledger had the request: from then on it must be answered. */
  requestId: string | null;
  jobId: string | null;
  /** The text; of speech the SHA-256 of the bytes the caller got. */
  answer: string | null;
  error: { readonly code: string; readonly message: string } | null;
  /** How often it was refused for now before it was accepted, and asked again as a new request. */
  refusals: number;
}

export interface Load {
  readonly outcomes: readonly Outcome[];
  /** Resolves when every planned request has been sent for the first time. */
  readonly sent: Promise<void>;
  isAnswered(): boolean;
  /** Producers that ended by themselves. */
  readonly crashes: readonly string[];
  /** Asks nothing again any more and ends the producers in order, so that all they know is in the accounts. */
  stop(): Promise<void>;
}

/** Nobody gives up before the lab does. */
const PATIENCE_MS = 3_600_000;
const ASK_AGAIN_MS = 300;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A refusal that says come again: Postgres is away, too much waits, or the circuits of all models that fit are open. */
function isForNow(code: string): boolean {
  return isErrorCode(code) && ERRORS[code].retry === 'later';
}

/** Sends the planned requests at their times. */
export function startLoad(plan: LoadPlan, producers: readonly Child[]): Load {
  const outcomes: Outcome[] = plan.requests.map(({ prompt }) => ({
    prompt,
    requestId: null,
    jobId: null,
    answer: null,
    error: null,
    refusals: 0,
  }));
  const crashes: string[] = [];
  let answered = 0;
  let stopping = false;

  function ask(id: number): void {
    const { producer, prompt } = plan.requests[id] as PlannedRequest;
    const order = plan.prompts[prompt]?.order;
    const child = producers[producer];
    if (order === undefined || child === undefined || stopping || !child.process.connected) return;
    const caller = { endpoint: 'crash-lab', timeoutMs: PATIENCE_MS };
    const asked: ProducerOrder =
      'input' in order ? { id, input: { ...order.input, ...caller } } : { id, speech: { ...order.speech, ...caller } };
    child.process.send(asked);
  }

  async function hear({ id, accepted, answer, sound, error }: ProducerReply): Promise<void> {
    const outcome = outcomes[id];
    if (outcome === undefined) return;
    if (accepted !== undefined) {
      outcome.requestId = accepted.requestId;
      outcome.jobId = accepted.jobId;
    } else if (error !== undefined && outcome.requestId === null && isForNow(error.code)) {
      outcome.refusals++;
      await sleep(ASK_AGAIN_MS);
      ask(id);
    } else if (!stopping) {
      answered++;
      outcome.answer = answer?.text ?? sound?.sha256 ?? null;
      outcome.error = error ?? null;
    }
  }

  for (const [index, { process: child, ended }] of producers.entries()) {
    child.on('message', (reply: ProducerReply) => void hear(reply));
    void ended.then(() => {
      if (!stopping) crashes.push(`producer ${index} ended with ${child.exitCode ?? child.signalCode}`);
    });
  }

  async function send(): Promise<void> {
    const start = performance.now();
    for (const [id, { atMs }] of plan.requests.entries()) {
      const waitMs = atMs - (performance.now() - start);
      if (waitMs > 0) await sleep(waitMs);
      ask(id);
    }
  }

  return {
    outcomes,
    crashes,
    sent: send(),
    isAnswered: () => answered === outcomes.length,
    async stop() {
      stopping = true;
      await Promise.all(producers.map((producer) => producer.stop()));
    },
  };
}
