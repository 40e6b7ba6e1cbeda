import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { summariseMp3 } from '@ai-core/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAiCoreCommand, type Started } from './ai-core-command.ts';

const UNKNOWN_JOB = '01a20d6f-a42d-744a-a7de-40b292600abc';
const REQUEST = ['generate', 'text', '--type', 'lesson_script', '--prompt', 'What does the particle は do?', '--option', 'language=en'];
const today = (): string => new Date().toISOString().slice(0, 10);

interface Answer {
  readonly job_id: string | null;
  readonly text: string;
  readonly source: string;
  readonly cost_usd: string;
}

describe('the verbs against a running AI Core', () => {
  const command = makeAiCoreCommand();
  let up: Started;
  let bought: Answer;
  beforeAll(async () => {
    up = command.start(['up', '--no-first-job', '--port', '0', '--console-port', '0']);
    await up.hasSaid('AI Core is up');
    const { document } = await command.runJson(REQUEST);
    bought = document as Answer;
  });
  afterAll(() => command.remove());

  const fails = async (args: readonly string[], code: number, words: string): Promise<void> => {
    const end = await command.run(args);
    expect(end).toMatchObject({ code, stdout: '' });
    expect(end.stderr).toContain(words);
    expect(end.stderr).not.toMatch(/^ {4}at /m);
  };

  describe('generate text', () => {
    it('buys an answer that is new and takes the same from memory', async () => {
      expect(bought).toMatchObject({ source: 'provider' });
      const { document } = await command.runJson(REQUEST);
      expect(document).toMatchObject({ source: 'memory', cost_usd: '0', saved_usd: bought.cost_usd, text: bought.text, job_id: null });
      const { stdout, code } = await command.run(REQUEST);
      expect(code).toBe(0);
      expect(stdout).toContain(bought.text);
      expect(stdout).toMatch(/\(simulated\), from memory, \d+ ms, cost \$0, saved \$0\.\d+/);
    });

    it('with --no-wait says at once whether there is a job', async () => {
      expect(await command.runJson([...REQUEST, '--no-wait'])).toMatchObject({ code: 0, document: { job_id: null, outcome: 'hit' } });
      expect((await command.run([...REQUEST, '--no-wait'])).stdout).toBe('answered from memory\n');
      const { document } = await command.runJson([...REQUEST, '--option', 'difficulty=hard', '--no-wait']);
      expect(document).toMatchObject({ outcome: 'created', job_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown });
    });

    it('with --explain names every model it considered and why', async () => {
      const { stdout } = await command.run([...REQUEST, '--explain', '--cache', 'refresh']);
      expect(stdout).toMatch(/^model +taken +why$/m);
      expect(stdout).toMatch(/^gemini\/\S+ +(yes|no) +\w/m);
      const { document } = await command.runJson([...REQUEST, '--explain', '--cache', 'refresh']);
      expect(document).toHaveProperty('explanation[0].detail');
    });

    it('uses the model that is named', async () => {
      const { document } = await command.runJson([...REQUEST, '--provider', 'openai', '--model', 'gpt-6-luna']);
      expect(document).toMatchObject({ provider: 'openai', model: 'gpt-6-luna', source: 'provider' });
    });

    it.each([
      [[...REQUEST, '--option', 'language'], '--option takes key=value'],
      [[...REQUEST, '--provider', 'openai'], 'a provider needs a model'],
      [[...REQUEST, '--cache', 'never'], 'cache must be one of use, refresh, bypass'],
      [[...REQUEST, '--lane', 'fast'], 'lane must be one of interactive, batch'],
      [[...REQUEST, '--timeout', 'soon'], '--timeout takes a number of seconds'],
      [['generate', 'text', '--prompt', 'x'], "required option '--type <name>'"],
      [['generate', 'text', '--type', 'a b', '--prompt', 'x'], 'request_type must be'],
    ])('refuses %j with 2', (args, words) => fails(args, 2, words));

    it('points to its own help', () => fails([...REQUEST, '--cache', 'never'], 2, '`ai-core generate text --help`'));
  });

  describe('generate audio', () => {
    const SPEECH = ['generate', 'audio', '--text', 'Good morning. Shall we begin?', '--language', 'en'];

    it('writes the MP3 to a file, buys it once and knows a voice by name and by id', async () => {
      const file = path.join(command.folder, 'morning.mp3');
      const { document } = await command.runJson([...SPEECH, '--voice', 'Lily', '--out', file]);
      expect(document).toMatchObject({ source: 'provider', provider: 'elevenlabs', simulated: true, file });
      const { seconds, bytes, sha256 } = document as { seconds: number; bytes: number; sha256: string };
      const written = readFileSync(file);
      expect(written).toHaveLength(bytes);
      expect(summariseMp3(written)?.seconds).toBe(seconds);
      const again = await command.runJson([...SPEECH, '--voice', 'pFZP5JQG7iQjIQuC4Bku']);
      expect(again.document).toMatchObject({ source: 'memory', cost_usd: '0', sha256, job_id: null });
      const { audio_url: link } = again.document as { audio_url: string };
      expect((await fetch(link)).headers.get('content-type')).toBe('audio/mpeg');
    });

    it('takes the default engine of the provider that is named, and its voice of the language', async () => {
      const { stdout, code } = await command.run([...SPEECH, '--provider', 'google_tts']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^google_tts\/neural2 \(simulated\), from provider, \d+ ms, cost \$0\.\d+/m);
    });

    it.each([
      [['generate', 'audio', '--text', 'Hello'], 2, "required option '--language <tag>'"],
      [[...SPEECH, '--voice', 'Lilly'], 1, 'the nearest are Lily'],
      [[...SPEECH, '--model', 'tts-1'], 2, 'a model needs its provider'],
      [[...SPEECH, '--out', '/nowhere/at/all.mp3'], 2, 'asking again costs nothing'],
    ])('refuses %j with %i', (args, code, words) => fails(args, code, words));
  });

  describe('job and jobs', () => {
    it('shows a job with its chain and every attempt', async () => {
      const { stdout, code } = await command.run(['job', bought.job_id ?? '']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^state +done$/m);
      expect(stdout).toMatch(/billed +\$0\.\d+/);
      expect((await command.runJson(['job', bought.job_id ?? ''])).document).toMatchObject({ id: bought.job_id, state: 'done' });
    });

    it('lists jobs by state', async () => {
      const { document } = await command.runJson(['jobs', '--state', 'done']);
      expect(document).toContainEqual(expect.objectContaining({ id: bought.job_id, state: 'done' }));
      expect((await command.run(['jobs', '--state', 'failed'])).stdout).toBe('no jobs\n');
      expect((await command.runJson(['jobs', '--state', 'done', '--limit', '1'])).document).toHaveLength(1);
    });

    it.each([
      [['job', 'abc'], 2, '"abc" is not a job id'],
      [['job', UNKNOWN_JOB], 1, `there is no job ${UNKNOWN_JOB}`],
      [['jobs', '--state', 'lost'], 2, 'states are queued, running'],
      [['jobs', '--limit', 'many'], 2, '--limit takes a whole number'],
      [['jobs', 'extra'], 2, 'too many arguments'],
    ])('refuses %j with %i', (args, code, words) => fails(args, code, words));
  });

  describe('retry, cancel and reconcile', () => {
    it('finds nothing to retry where nothing failed', async () => {
      expect(await command.run(['retry', '--all-failed'])).toMatchObject({ code: 0, stdout: 'no job to retry\n' });
      expect(await command.runJson(['retry', '--all-failed'])).toMatchObject({ code: 0, document: { queued: 0, jobs: [] } });
    });

    it('says of each job why it is not retried', async () => {
      const end = await command.run(['retry', bought.job_id ?? '', UNKNOWN_JOB]);
      expect(end.code).toBe(1);
      expect(end.stdout).toContain(`${bought.job_id}  left alone: it has neither failed nor been cancelled`);
      expect(end.stdout).toContain(`${UNKNOWN_JOB}  there is no such job`);
    });

    it('does not cancel what has finished', async () => {
      const end = await command.run(['cancel', bought.job_id ?? '']);
      expect(end).toMatchObject({ code: 1 });
      expect(end.stdout).toContain('has finished already');
    });

    it('has no unknown attempt to settle', async () => {
      expect(await command.run(['reconcile', '--unknown'])).toMatchObject({ code: 0, stdout: 'no attempt is unknown\n' });
      expect(await command.runJson(['reconcile', '--unknown'])).toMatchObject({ code: 0, document: { unknown: 0, cost_usd: '0' } });
    });

    it.each([
      [['retry'], 2, 'name at least one job id, or say --all-failed'],
      [['retry', 'abc'], 2, 'is not a job id'],
      [['retry', UNKNOWN_JOB, '--all-failed'], 2, 'not both'],
      [['retry', '--error', 'INTERNAL'], 2, '--error goes with --all-failed'],
      [['retry', '--all-failed', '--error', 'NOPE'], 2, 'codes are REQUEST_INVALID'],
      [['cancel', UNKNOWN_JOB], 1, `there is no job ${UNKNOWN_JOB}`],
      [['cancel'], 2, "missing required argument 'id'"],
      [['reconcile'], 2, 'name a file with the export of the provider, or say --unknown'],
      [['reconcile', '--write-off'], 2, '--write-off goes with --unknown'],
      [['reconcile', '/nowhere/costs.json'], 2, 'the bill /nowhere/costs.json cannot be read (ENOENT)'],
      [['reconcile', 'README.md', '--provider', 'acme'], 2, '--provider takes one of openai, claude, gemini, elevenlabs'],
      [['reconcile', 'README.md', '--from', '2026-11-01'], 2, '--from and --to go together'],
      [['reconcile', '/nowhere/bill.jsonl', '--unknown'], 2, 'the bill /nowhere/bill.jsonl cannot be read (ENOENT)'],
    ])('refuses %j with %i', (args, code, words) => fails(args, code, words));
  });

  describe('contexts', () => {
    it('puts, lists and prints a text that prompts then name', async () => {
      expect((await command.run(['contexts', 'list'])).stdout).toBe('no contexts\n');
      const file = path.join(command.folder, 'lesson.txt');
      writeFileSync(file, 'Volcanoes erupt.\r\n');
      expect(await command.run(['contexts', 'put', 'Lesson-7', file])).toMatchObject({
        code: 0,
        stdout: 'lesson-7 version 1 (16 bytes)\n',
      });
      expect(await command.runJson(['contexts', 'put', 'lesson-7', file])).toMatchObject({ document: { version: 1, created: false } });
      expect((await command.run(['contexts', 'get', 'lesson-7'])).stdout).toBe('Volcanoes erupt.\n');
      expect((await command.runJson(['contexts', 'list'])).document).toMatchObject([{ name: 'lesson-7', version: 1, created_by: 'cli' }]);
      const asked = await command.runJson(['generate', 'text', '--type', 'quiz', '--prompt', 'A quiz on {{context:lesson-7}}']);
      expect(asked).toMatchObject({ code: 0, document: { source: 'provider' } });
    });

    it.each([
      [['contexts', 'put', 'les son', import.meta.filename], 2, 'the name of a context'],
      [['contexts', 'put', 'lesson', '/nowhere/lesson.txt'], 2, '/nowhere/lesson.txt cannot be read'],
      [['contexts', 'get', 'nothing'], 1, 'there is no context nothing'],
      [['contexts', 'get', 'lesson-7', '--at-version', 'x'], 2, '--at-version takes a whole number'],
      [['contexts', 'get', 'lesson-7', '--at-version', '7'], 1, 'of version 7'],
      [['generate', 'text', '--type', 'quiz', '--prompt', 'On {{context:nothing}}'], 2, 'there is no context named nothing'],
    ])('refuses %j with %i', (args, code, words) => fails(args, code, words));
  });

  describe('usage and rollup', () => {
    it.each(['provider', 'model', 'type', 'endpoint', 'user', 'day'])('breaks the accounts down by %s', async (by) => {
      const { stdout, code } = await command.run(['usage', '--by', by]);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^${by} +requests +hits +cost +saved$`, 'm'));
      const { document } = await command.runJson(['usage', '--by', by]);
      const { totals, groups } = document as { totals: { requests: number }; groups: { key: string; requests: number }[] };
      expect(groups.length).toBeGreaterThan(0);
      expect(groups.reduce((sum, group) => sum + group.requests, 0)).toBe(totals.requests);
    });

    it('rolls up, and recounts without a difference', async () => {
      expect(await command.run(['rollup'])).toMatchObject({ code: 0 });
      expect(await command.runJson(['rollup', '--from', today(), '--to', today()])).toMatchObject({
        code: 0,
        document: { days: [today()] },
      });
      const { stdout, code } = await command.run(['rollup', '--check']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^[1-9]\d* days? recounted: no difference\n$/);
      expect(await command.runJson(['rollup', '--check'])).toMatchObject({ code: 0, document: { differences: [] } });
    });

    it.each([
      [['usage', '--by', 'colour'], '--by takes provider, model'],
      [['usage', '--days', '0'], '--days takes a whole number'],
      [['usage', '--dayz', '3'], 'Did you mean --days?'],
      [['rollup', '--from', '2026-02-31'], '--from takes a day as YYYY-MM-DD'],
      [['rollup', '--to', 'today'], '--to takes a day as YYYY-MM-DD'],
      [['rollup', '--from', '2026-02-02', '--to', '2026-02-01'], '--from must not be after --to'],
    ])('refuses %j with 2', (args, words) => fails(args, 2, words));
  });

  describe('doctor', () => {
    it('finds all well', async () => {
      const { stdout, code } = await command.run(['doctor']);
      expect(stdout).not.toContain('FAIL');
      expect(stdout).toMatch(/^ok {4}postgres: reachable$/m);
      expect(code).toBe(0);
      expect(await command.runJson(['doctor'])).toMatchObject({ code: 0, document: { ok: true } });
    });

    it('fails on a variable that is none, and names the one that was meant', async () => {
      const { stdout, code } = await command.run(['doctor'], { AI_CORE_PROT: '4000' });
      expect(code).toBe(1);
      expect(stdout).toMatch(/^FAIL {2}environment: AI_CORE_PROT is not a variable.*AI_CORE_PORT/m);
    });

    it('reports a Redis that is away as a failed check beside the others', async () => {
      const { stdout, code } = await command.run(['doctor'], { REDIS_URL: 'redis://127.0.0.1:1' });
      expect(code).toBe(1);
      expect(stdout).toMatch(/^FAIL {2}queue: Redis at 127\.0\.0\.1:1/m);
      expect(stdout).toMatch(/^ok {4}postgres: reachable$/m);
    });
  });

  it('shows its version', async () => {
    expect((await command.run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    'up',
    'migrate',
    'setup-providers',
    'providers list',
    'providers add',
    'providers edit',
    'providers disable',
    'prices list',
    'prices import',
    'memory list',
    'memory show',
    'memory verify',
    'memory reject',
    'memory stale',
    'memory rate',
    'memory forget',
    'reprice',
    'receipt',
    'generate text',
    'job',
    'jobs',
    'contexts put',
    'contexts get',
    'contexts list',
    'retry',
    'cancel',
    'usage',
    'rollup',
    'reconcile',
    'doctor',
  ])('shows help for %s on stdout with 0', async (verb) => {
    const { stdout, code } = await command.run([...verb.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: ai-core ${verb}`);
    expect(stdout).toContain('--json');
  });
});
