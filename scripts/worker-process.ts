/** A worker as a process that benches, tests and the crash lab start, kill and stop. Its one argument is JSON: WorkerOptions without the log. */
import { startWorker, type WorkerOptions } from '@ai-core/worker';

const options = JSON.parse(process.argv[2] ?? '{}') as Omit<WorkerOptions, 'log'>;
const silent = (): void => undefined;
const complain = (fields: object, message: string): void => {
  process.stderr.write(`${message} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? value.stack : value))}\n`);
};
const worker = await startWorker({ ...options, log: { debug: silent, info: silent, warn: silent, error: complain } });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void worker.stop().finally(() => process.exit(0)));
// Whoever started it has gone: nobody would stop it.
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
