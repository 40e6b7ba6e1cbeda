/** npm run bench -- [NAME...] [--quick] [--json]: one line per measurement, each against a yardstick of the same run. */
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findRedisProgram, installRedis, startPostgres, startRedis } from '@ai-core/embedded';
import { migrateQueue } from '@ai-core/queue';
import { migrate, setUpProviders } from '@ai-core/store';
import { makeTestFolder } from '../test-services/test-folder.ts';
import type { Bench, Measurement } from './bench.ts';
import { deadProvider } from './dead-provider.ts';
import { consoleScale } from './console-scale.ts';
import { duplicateStorm } from './duplicate-storm.ts';
import { enqueueLatency } from './enqueue-latency.ts';
import { fairness } from './fairness.ts';
import { firstToken } from './first-token.ts';
import { memoryHitGateway } from './gateway-hits.ts';
import { memoryHitProducer, memoryHitProducerL1 } from './memory-hits.ts';
import { peerGateway } from './peer-gateway.ts';
import { overload } from './overload.ts';
import { resumeAfterDeath } from './resume.ts';
import { ttsJoin } from './tts-join.ts';
import { uniqueJobsRedis } from './unique-jobs.ts';

const BENCHES: Readonly<Record<string, Bench>> = {
  'memory-hit-producer': memoryHitProducer,
  'memory-hit-producer-l1': memoryHitProducerL1,
  'memory-hit-gateway': memoryHitGateway,
  'peer-gateway': peerGateway,
  'unique-jobs-redis': uniqueJobsRedis,
  'enqueue-latency': enqueueLatency,
  'first-token': firstToken,
  'duplicate-storm': duplicateStorm,
  'resume-after-death': resumeAfterDeath,
  'tts-join': ttsJoin,
  'dead-provider': deadProvider,
  fairness,
  overload,
  'console-scale': consoleScale,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name));
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) process.stderr.write(`there is no bench ${unknown.join(', ')}\n`);
  for (const [name, bench] of Object.entries(BENCHES)) process.stderr.write(`${name}  ${bench.about}\n`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
const folder = makeTestFolder();
const redisFolder = makeTestFolder();
// Where nothing can be installed, starting Redis says what to do.
if (findRedisProgram() === undefined) installRedis();
// As in production: fsync on, append-only file on.
const [postgres, redis] = await Promise.all([startPostgres({ dir: path.join(folder, 'postgres') }), startRedis({ folder: redisFolder })]);
await migrate({ databaseUrl: postgres.url, also: migrateQueue });
await setUpProviders({ databaseUrl: postgres.url, catalogue: 'current' });

function print(measurement: Measurement): void {
  if (values.json) process.stdout.write(`${JSON.stringify({ ...measurement, machine })}\n`);
  else {
    const figure = (value: number): string => (value >= 100 ? String(Math.round(value)) : value.toFixed(2));
    process.stdout.write(
      `${measurement.bench.padEnd(36)} ${figure(measurement.ours).padStart(8)} against ${figure(measurement.yardstick).padStart(8)} ${measurement.unit}, ` +
        `ratio ${measurement.ratio.toFixed(2)} (${measurement.goal}: ${measurement.met ? 'met' : 'NOT met'})\n`,
    );
  }
}

if (!values.json) process.stdout.write(`${machine}\n`);
for (const name of positionals.length > 0 ? positionals : Object.keys(BENCHES)) {
  for (const measurement of (await BENCHES[name]?.run({ databaseUrl: postgres.url, redisUrl: redis.url, quick: values.quick })) ?? [])
    print(measurement);
}
await Promise.all([postgres.stop(), redis.stop()]);
