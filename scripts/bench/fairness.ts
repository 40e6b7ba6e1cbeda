import { startChild } from '../child-process.ts';
import { percentile, type Bench, type BenchServices, type Measurement } from './bench.ts';
import { steadyLoad } from './steady-load.ts';
import { startStormFleet, type StormFleet } from './storm-fleet.ts';

/** As real providers: a short text in a second, a sentence of speech in four. */
const LATENCY_MS = 1_000;
const SPEECH_LATENCY_MS = 4_000;
const SPEECH_PROVIDERS = ['elevenlabs', 'google_tts', 'gemini'] as const;
const WORKERS = 2;
const CONCURRENCY = 20;
const PER_SECOND = 10;
const GOAL = 1.25;
/** The caller whose people wait. */
const SMALL = 'small';

/** Who makes how much work beside it. */
interface Crowd {
  readonly name: string;
  readonly caller: string;
  readonly what: 'text' | 'batch' | 'audio';
  readonly jobs: number;
  readonly quickJobs: number;
}

const CROWDS: readonly Crowd[] = [
  { name: 'text of another caller', caller: 'crowd', what: 'text', jobs: 100_000, quickJobs: 10_000 },
  { name: 'bulk text of its own', caller: SMALL, what: 'batch', jobs: 20_000, quickJobs: 5_000 },
  { name: 'bulk speech', caller: 'crowd', what: 'audio', jobs: 20_000, quickJobs: 5_000 },
];

interface Latencies {
  readonly alone: number[];
  /** While the crowd's jobs are being accepted. */
  readonly pouring: number[];
  /** While they wait. */
  readonly waiting: number[];
}

async function measure(fleet: StormFleet, crowd: Crowd, quick: boolean): Promise<Latencies> {
  const aiCore = await fleet.openAiCore({ caller: SMALL });
  let question = 0;
  const runWindow = (): Promise<number[]> =>
    steadyLoad({
      perSecond: PER_SECOND,
      durationMs: quick ? 10_000 : 30_000,
      ask: () => aiCore.generateText({ requestType: 'quiz', prompt: `${crowd.name} ${question++}`, timeoutMs: 120_000 }),
    });
  await runWindow();
  const alone = await runWindow();
  const { s3, connections } = fleet;
  const options = { ...connections, s3, simulated: true, caller: crowd.caller, backlog: { perCaller: 1_000_000 } };
  const child = await startChild('./crowd-process.ts', [JSON.stringify(options), String(quick ? crowd.quickJobs : crowd.jobs), crowd.what]);
  let done = false;
  child.process.once('message', () => (done = true));
  void child.ended.then(() => (done = true));
  const pouring: number[] = [];
  while (!done) pouring.push(...(await runWindow()));
  const waiting = await runWindow();
  await child.stop();
  await fleet.database.pool.query(
    `update ai_job set state = 'cancelled', finished_at = clock_timestamp() where state = 'queued' and (caller <> $1 or lane = 'batch')`,
    [SMALL],
  );
  // What it cost the machine is over, and the calls under way have ended.
  await runWindow();
  alone.push(...(await runWindow()));
  return { alone, pouring, waiting };
}

function toMeasurement(name: string, alone: readonly number[], beside: readonly number[]): Measurement {
  const [ours, yardstick] = [percentile(beside, 0.95), percentile(alone, 0.95)];
  return {
    bench: `fairness ${name}`,
    ours,
    yardstick,
    ratio: ours / yardstick,
    unit: `ms p95 of ${beside.length} requests; the same without the crowd as yardstick`,
    goal: `<= ${GOAL} of the same without it`,
    met: ours / yardstick <= GOAL,
  };
}

/** The crowd begins and ends between windows without it, so that what else happens on the machine hits both alike. */
async function run(services: BenchServices): Promise<Measurement[]> {
  const fleet = await startStormFleet(services, LATENCY_MS);
  for (const provider of SPEECH_PROVIDERS) fleet.simulator.control().setLatency({ provider, latency: { fixedMs: SPEECH_LATENCY_MS } });
  const roles = 'text-openai,text-claude,audio-elevenlabs,audio-google-tts,audio-gemini,maintenance';
  for (let index = 0; index < WORKERS; index++) await fleet.openWorker({ roles, concurrency: CONCURRENCY });
  const measurements: Measurement[] = [];
  for (const crowd of CROWDS) {
    const { alone, pouring, waiting } = await measure(fleet, crowd, services.quick);
    measurements.push(
      toMeasurement(`while ${crowd.name} pours in`, alone, pouring),
      toMeasurement(`while ${crowd.name} waits`, alone, waiting),
    );
  }
  await fleet.stop();
  return measurements;
}

export const fairness: Bench = {
  about: 'p95 of a caller beside 100,000 jobs of another one, bulk work of its own, and bulk speech, against its p95 without them',
  run,
};
