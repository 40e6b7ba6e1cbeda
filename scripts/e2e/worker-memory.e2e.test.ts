import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

const START = fileURLToPath(new URL('../../infra/start-role.sh', import.meta.url));
const MOST_MEGABYTES = 160;
const CALLS = 200;
/** Writes down every module the process loads. */
const RECORD = `import { registerHooks } from 'node:module'; import { appendFileSync } from 'node:fs';
registerHooks({ load(url, context, next) { appendFileSync(process.env.LOADED_MODULES, url + '\\n'); return next(url, context); } });`;

function megabytesOf(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
}

describe('a worker process that serves only text-openai', () => {
  let fleet: Fleet;
  let worker: ChildProcess;
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-memory-'));
  const loaded = path.join(folder, 'modules.txt');
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'postgres', roles: 'maintenance' });
    worker = spawn('sh', [START, 'worker'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`,
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(RECORD)}`,
        DATABASE_URL: fleet.databaseUrl,
        AI_CORE_ROLES: 'text-openai',
        AI_CORE_DATA_DIR: folder,
        OPENAI_API_KEY: 'simulated',
        OPENAI_BASE_URL: fleet.simulator.baseUrls.openai,
        LOADED_MODULES: loaded,
      },
    });
    await once(worker.stdout ?? worker, 'data');
  });
  afterAll(async () => {
    worker.kill('SIGTERM');
    await once(worker, 'exit');
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`stays under ${MOST_MEGABYTES} MB, and loads neither a tokenizer nor anybody else's SDK`, async () => {
    const core = fleet.aiCore;
    const ask = (n: number) => core.generateText({ requestType: 'quiz', prompt: `Question ${n} about volcanoes`, timeoutMs: 60_000 });
    for (let from = 0; from < CALLS; from += 20) await Promise.all(Array.from({ length: 20 }, (_, n) => ask(from + n)));
    const events: string[] = [];
    for await (const event of core.streamText({ requestType: 'quiz', prompt: 'Streamed', timeoutMs: 60_000 })) events.push(event.type);
    expect(events).toContain('delta');
    expect(fleet.simulator.bill().filter((line) => line.provider === 'openai')).toHaveLength(CALLS + 1);
    expect(megabytesOf(worker.pid ?? 0)).toBeLessThan(MOST_MEGABYTES);
    const modules = readFileSync(loaded, 'utf8');
    expect(modules).toMatch(/node_modules\/openai\//);
    expect(modules).not.toMatch(
      /node_modules\/(gpt-tokenizer|@elevenlabs|@anthropic-ai|@google|wasm-media-encoders|@mikro-orm|@aws-sdk)\//,
    );
  });
});
