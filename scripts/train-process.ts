/**
 * A process that advances training runs and kills itself at one point of the way, for tests. Its one argument is JSON: where everything is, and
 * `killAt`, such as `before submit` or `after upload`.
 */
import { advanceTraining, openaiTrainer, type Trainer } from '@ai-core/flywheel';
import { openDatabase, openObjects, type ObjectsOptions } from '@ai-core/store';

export interface TrainProcessOptions {
  readonly databaseUrl: string;
  readonly s3: ObjectsOptions;
  readonly openaiUrl: string;
  readonly folder: string;
  readonly workerId: string;
  readonly killAt: string;
}

const options = JSON.parse(process.argv[2] ?? '{}') as TrainProcessOptions;

function killAt(point: string): void {
  if (point === options.killAt) process.kill(process.pid, 'SIGKILL');
}

async function watched<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  killAt(`before ${name}`);
  const result = await work();
  killAt(`after ${name}`);
  return result;
}

const real = openaiTrainer({ apiKey: 'simulated', baseUrl: options.openaiUrl });
const fragile: Trainer = {
  ...real,
  upload: (order) => watched('upload', () => real.upload(order)),
  find: (order) => watched('find', () => real.find(order)),
  submit: (order, files) => watched('submit', () => real.submit(order, files)),
  poll: (jobId, order) => watched('poll', () => real.poll(jobId, order)),
};
const database = openDatabase({ url: options.databaseUrl, maxConnections: 2 });
const objects = openObjects(options.s3);
process.send?.('ready');
for (;;) {
  const { workerId, folder } = options;
  await advanceTraining({
    database,
    objects,
    trainers: { openai: fragile },
    workerId,
    host: 'here',
    folder,
    pollEveryMs: 1,
    submitGraceMs: 300,
    leaseS: 1,
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
}
