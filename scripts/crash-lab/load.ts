import type { Child } from '../child-process.ts';
import type { ProducerOrder, ProducerReply } from '../producer-process.ts';
import type { LoadPlan, PlannedRequest } from './plan-load.ts';

/** What became of one planned request. */
export interface Outcome {
  readonly prompt: number;
  /** Set once the ledger had the request: from then on it must be answered. */
  requestId: string | null;
  jobId: string | null;
  text: string | null;
  error: { readonly code: string; readonly message: string } | null;
  /** How often Postgres was away before it was accepted, and it was asked again as a new request. */
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

/** Sends the planned requests at their times. */
export function startLoad(plan: LoadPlan, producers: readonly Child[]): Load {
  const outcomes: Outcome[] = plan.requests.map(({ prompt }) => ({
    prompt,
    requestId: null,
    jobId: null,
    text: null,
    error: null,
    refusals: 0,
  }));
  const crashes: string[] = [];
  let answered = 0;
  let stopping = false;

  function ask(id: number): void {
    const { producer, prompt } = plan.requests[id] as PlannedRequest;
    const input = plan.prompts[prompt];
    const child = producers[producer];
    if (input === undefined || child === undefined || stopping || !child.process.connected) return;
    child.process.send({ id, input: { ...input, endpoint: 'crash-lab', timeoutMs: PATIENCE_MS } } satisfies ProducerOrder);
  }

  async function hear({ id, accepted, answer, error }: ProducerReply): Promise<void> {
    const outcome = outcomes[id];
    if (outcome === undefined) return;
    if (accepted !== undefined) {
      outcome.requestId = accepted.requestId;
      outcome.jobId = accepted.jobId;
    } else if (error?.code === 'STORE_UNAVAILABLE' && outcome.requestId === null) {
      outcome.refusals++;
      await sleep(ASK_AGAIN_MS);
      ask(id);
    } else if (!stopping) {
      answered++;
      outcome.text = answer?.text ?? null;
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
