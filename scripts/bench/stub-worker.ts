/** A worker whose provider answers at once without any network: what is measured is AI Core. Arguments: databaseUrl, redisUrl ('' = none), prefix, concurrency. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NO_USAGE } from '@ai-core/core';
import type { Provider } from '@ai-core/providers';
import { startWorker } from '@ai-core/worker';

const [databaseUrl = '', redisUrl = '', redisPrefix = '', concurrency = '50'] = process.argv.slice(2);
const text = 'An answer of two kilobytes. '.repeat(74);
const stub: Provider = {
  name: 'openai',
  generateText: async (call) => ({
    text,
    model: call.model,
    usage: { ...NO_USAGE, inputTokens: 150, outputTokens: 500 },
    usageDoubt: null,
    rawUsage: { prompt_tokens: 150, completion_tokens: 500 },
    providerRequestId: call.attemptId,
    ignoredOptions: [],
  }),
};
const silent = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error };
const worker = await startWorker({
  databaseUrl,
  redisUrl: redisUrl === '' ? undefined : redisUrl,
  redisPrefix,
  roles: 'text-openai,maintenance',
  access: { openai: { apiKey: 'none', baseUrl: null } },
  spoolFolder: mkdtempSync(path.join(tmpdir(), 'bench-spool-')),
  concurrency: Number(concurrency),
  providers: { openai: stub },
  log: silent,
});
process.once('SIGTERM', () => void worker.stop({ graceMs: 1_000 }).finally(() => process.exit(0)));
process.send?.('ready');
