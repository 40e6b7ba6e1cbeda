/** The yardstick: BullMQ processing empty jobs. Arguments: redisUrl, prefix, concurrency. */
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';

const [redisUrl = '', prefix = '', concurrency = '50'] = process.argv.slice(2);
const worker = new Worker('bare', async () => undefined, {
  connection: new Redis(redisUrl, { maxRetriesPerRequest: null }),
  prefix,
  concurrency: Number(concurrency),
  removeOnComplete: { count: 0 },
});
await worker.waitUntilReady();
process.once('SIGTERM', () => void worker.close().finally(() => process.exit(0)));
process.send?.('ready');
