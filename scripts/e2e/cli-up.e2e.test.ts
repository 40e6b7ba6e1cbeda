import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { summariseMp3 } from '@ai-core/core';
import { holdPort } from '@ai-core/embedded';
import { startSimulator } from '@ai-core/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isGoneWithin, makeAiCoreCommand, readPostgresPid, readRunningFile, type AiCoreCommand, type Ended } from './ai-core-command.ts';

const ANY_PORTS = ['--port', '0', '--console-port', '0'];
const IS_UP = 'AI Core is up';

interface UpDocument {
  readonly simulated: boolean;
  readonly first_job: readonly {
    kind: string;
    source: string;
    cost_usd: string;
    saved_usd: string;
    cached: boolean;
    job_id: string | null;
    file?: string;
    seconds?: number;
  }[];
  readonly usage_rows: number;
  readonly daily_cost: readonly {
    day: string;
    request_type: string;
    requests: number;
    cache_hits: number;
    cost_usd: string;
    saved_usd: string;
  }[];
  readonly gateway_url: string;
  readonly console_url: string;
  readonly setup_ms: number;
  readonly first_job_ms: number;
}

const lastStop = { timeout: 60_000 };

describe('up --once --json on a new data folder, and again', () => {
  const command = makeAiCoreCommand();
  let first: Ended;
  let second: Ended;
  beforeAll(async () => {
    first = await command.run(['up', '--once', '--json', ...ANY_PORTS]);
    second = await command.run(['up', '--once', '--json', ...ANY_PORTS]);
  });
  afterAll(() => command.remove());

  const read = ({ stdout }: Ended): UpDocument => JSON.parse(stdout) as UpDocument;

  it('prints one JSON document and nothing else on stdout, and ends with 0', () => {
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(read(first)).toMatchObject({
      simulated: true,
      gateway_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as unknown,
      console_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as unknown,
      setup_ms: expect.any(Number) as unknown,
      first_job_ms: expect.any(Number) as unknown,
    });
  });

  it('buys a text and a speech and takes both from memory the second time', () => {
    const entries = read(first).first_job;
    expect(entries.map(({ kind, source }) => [kind, source])).toEqual([
      ['text', 'provider'],
      ['audio', 'provider'],
      ['text', 'memory'],
      ['audio', 'memory'],
    ]);
    for (const [bought, remembered] of [entries.slice(0, 3), entries.slice(1)].map(([one, , other]) => [one, other])) {
      expect(bought).toMatchObject({ cached: false, saved_usd: '0' });
      expect(Number(bought?.cost_usd)).toBeGreaterThan(0);
      expect(bought?.job_id).toMatch(/^[0-9a-f-]{36}$/);
      expect(remembered).toMatchObject({ cached: true, cost_usd: '0', saved_usd: bought?.cost_usd, job_id: null });
    }
  });

  it('leaves the speech as an MP3 that decodes to a plausible length', () => {
    for (const entry of read(first).first_job) {
      if (entry.kind === 'text') {
        expect(entry).not.toHaveProperty('file');
        continue;
      }
      const seconds = summariseMp3(readFileSync(entry.file ?? ''))?.seconds ?? 0;
      expect(seconds).toBeGreaterThan(2);
      expect(seconds).toBeLessThan(12);
      expect(entry.seconds).toBeCloseTo(seconds, 2);
    }
  });

  it('has one usage row for each and days that are their sums', () => {
    const document = read(first);
    expect(document.usage_rows).toBe(4);
    for (const [index, type] of ['lesson_script', 'tts_audio'].entries()) {
      expect(document.daily_cost.filter((row) => row.request_type === type)).toMatchObject([
        {
          requests: 2,
          cache_hits: 1,
          cost_usd: document.first_job[index]?.cost_usd,
          saved_usd: document.first_job[index + 2]?.saved_usd,
        },
      ]);
    }
  });

  it('tells the one-time password of the first admin once, beside the document', () => {
    expect(first.stderr).toMatch(/log in as admin with the one-time password \S+/);
    expect(first.stdout).not.toContain('password');
    expect(second.stderr).not.toContain('password');
  });

  it('answers everything from memory the second time and pays nothing', () => {
    expect(second.code).toBe(0);
    const document = read(second);
    expect(document.first_job.map((entry) => [entry.source, entry.cost_usd])).toEqual(Array.from({ length: 4 }, () => ['memory', '0']));
    expect(document.usage_rows).toBe(8);
    const cost = (end: Ended): string[] => read(end).daily_cost.map((row) => row.cost_usd);
    expect(cost(second)).toEqual(cost(first));
  });

  it('leaves neither a database nor an address behind', () => {
    expect(existsSync(path.join(command.folder, 'running.json'))).toBe(false);
    expect(existsSync(path.join(command.folder, 'postgres', 'postmaster.pid'))).toBe(false);
  });
});

describe('up that stays', () => {
  let command: AiCoreCommand;
  beforeAll(() => {
    command = makeAiCoreCommand();
  });
  afterAll(() => command.remove());

  it('takes the next free ports for taken usual ones and names them', lastStop, async () => {
    const { port: gatewayPort, release } = await holdPort();
    const environment = { AI_CORE_PORT: String(gatewayPort), AI_CORE_CONSOLE_PORT: String(gatewayPort) };
    const up = command.start(['up', '--no-first-job'], environment);
    await up.hasSaid(IS_UP);
    const { gatewayUrl, consoleUrl } = readRunningFile(command.folder);
    expect(Number(new URL(gatewayUrl).port)).toBeGreaterThan(gatewayPort);
    expect(Number(new URL(consoleUrl).port)).toBeGreaterThan(Number(new URL(gatewayUrl).port));
    up.process.kill('SIGINT');
    const end = await up.ended;
    expect(end.code).toBe(0);
    expect(end.stderr).toContain(`port ${gatewayPort} is taken: the gateway uses ${new URL(gatewayUrl).port}`);
    expect(end.stdout).toContain(gatewayUrl);
    expect(end.stdout).toContain(consoleUrl);
    expect(end.stdout).not.toContain('first job');
    await release();
  });

  it('ends within seconds on Ctrl-C and takes its database and its simulator with it', lastStop, async () => {
    const up = command.start(['up', '--no-first-job', ...ANY_PORTS]);
    await up.hasSaid(IS_UP);
    const postgresPid = readPostgresPid(command.folder);
    const { simulatorUrl, gatewayUrl } = readRunningFile(command.folder);
    expect((await fetch(simulatorUrl)).status).toBeLessThan(500);
    const since = performance.now();
    up.process.kill('SIGINT');
    expect((await up.ended).code).toBe(0);
    expect(performance.now() - since).toBeLessThan(15_000);
    expect(await isGoneWithin(postgresPid, 5_000)).toBe(true);
    await expect(fetch(simulatorUrl)).rejects.toThrow('fetch failed');
    await expect(fetch(gatewayUrl)).rejects.toThrow('fetch failed');
  });

  it('leaves no database behind when Ctrl-C comes while it starts', lastStop, async () => {
    const up = command.start(['up', ...ANY_PORTS]);
    await up.hasSaid('starting the provider simulator');
    const postgresPid = readPostgresPid(command.folder);
    up.process.kill('SIGINT');
    await up.ended;
    expect(await isGoneWithin(postgresPid, 15_000)).toBe(true);
  });

  it('says which port is taken and what to do, with 2, before anything is started', async () => {
    const held = await holdPort();
    const end = await command.run(['up', '--port', String(held.port)]);
    await held.release();
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain(`port ${held.port} of 127.0.0.1 is taken; give --port another one`);
    expect(end.stderr).not.toContain('starting');
  });

  it('runs once on a data folder: another one is told where the first is', lastStop, async () => {
    const up = command.start(['up', '--no-first-job', ...ANY_PORTS]);
    await up.hasSaid(IS_UP);
    const second = await command.run(['up', '--once', ...ANY_PORTS]);
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr).toContain(`process ${up.process.pid}, console ${readRunningFile(command.folder).consoleUrl}`);
    expect(second.stderr).toContain('set AI_CORE_DATA_DIR to another folder');
    expect((await command.run(['jobs'])).code).toBe(0);

    // A killed one must not keep the folder.
    up.process.kill('SIGKILL');
    await up.ended;
    expect((await command.run(['up', '--once', '--no-first-job', ...ANY_PORTS])).code).toBe(0);
  });

  it('lets one of two that start at the same moment run, and tells the other', lastStop, async () => {
    const args = ['up', '--once', '--no-first-job', ...ANY_PORTS];
    const ends = await Promise.all([command.run(args), command.run(args)]);
    const told = ends.find((end) => end.code !== 0);
    expect(ends.filter((end) => end.code === 0)).toHaveLength(1);
    expect(told).toMatchObject({ code: 2, stdout: '' });
    expect(told?.stderr).toContain('an AI Core already runs on the data folder');
  });
});

describe('up where no voice engine has a key', () => {
  const command = makeAiCoreCommand();
  afterAll(() => command.remove());

  it('says so in the lines of the speech and ends with 0', lastStop, async () => {
    const simulator = await startSimulator();
    const end = await command.run(['up', '--once', '--json', ...ANY_PORTS], {
      ANTHROPIC_API_KEY: 'sk-test',
      ANTHROPIC_BASE_URL: simulator.baseUrls.claude,
    });
    await simulator.close();
    expect(end.code).toBe(0);
    const { first_job: entries, simulated } = JSON.parse(end.stdout) as UpDocument;
    expect(simulated).toBe(false);
    expect(entries.map(({ kind, source }) => [kind, source])).toEqual([
      ['text', 'provider'],
      ['audio', 'none'],
      ['text', 'memory'],
      ['audio', 'none'],
    ]);
    expect(entries[1]).toHaveProperty('note', expect.stringContaining('no voice engine has a key'));
  });
});
