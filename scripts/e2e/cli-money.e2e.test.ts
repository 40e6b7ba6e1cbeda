import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAiCoreCommand } from './ai-core-command.ts';

const NOWHERE = '01a20d6f-a42d-744a-a7de-40b292600abc';
const request = (prompt: string, ...more: string[]): string[] => ['generate', 'text', '--type', 'quiz', '--prompt', prompt, ...more];

interface Answer {
  readonly source: string;
  readonly text: string;
  readonly cost_usd: string | null;
  readonly model: string;
}

describe('the verbs about money and memory against a running AI Core', () => {
  const command = makeAiCoreCommand();
  beforeAll(async () => {
    await command.start(['up', '--no-first-job', '--port', '0', '--console-port', '0']).hasSaid('AI Core is up');
  });
  afterAll(() => command.remove());

  const fails = async (args: readonly string[], code: number, words: string): Promise<void> => {
    const end = await command.run(args);
    expect(end).toMatchObject({ code, stdout: '' });
    expect(end.stderr).toContain(words);
    expect(end.stderr).not.toMatch(/^ {4}at /m);
  };
  const json = async <Document>(args: readonly string[]): Promise<Document> => {
    const { document, code, stderr } = await command.runJson(args);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return document as Document;
  };
  const ask = (prompt: string, ...more: string[]): Promise<Answer> => json<Answer>(request(prompt, ...more));
  const idOf = async (prompt: string): Promise<string> => {
    const rows = await json<{ id: string }[]>(['memory', 'list', '--search', prompt, '--limit', '1']);
    return rows[0]?.id ?? '';
  };
  const writeList = (name: string, list: object): string => {
    const file = path.join(command.folder, name);
    writeFileSync(file, JSON.stringify(list));
    return file;
  };

  it('a pinned model of the catalogue without a configuration has a cost', async () => {
    const answer = await ask('pinned without a row', '--provider', 'openai', '--model', 'gpt-4o-mini');
    expect(answer).toMatchObject({ source: 'provider', model: 'gpt-4o-mini' });
    expect(Number(answer.cost_usd)).toBeGreaterThan(0);
  });

  it("compares a provider's export with the account and ends with 1 when more than rounding differs", async () => {
    const day = new Date();
    const model = 'gpt-6-luna';
    const { cost_usd: cost } = await ask('asked for a bill', '--provider', 'openai', '--model', model);
    const writeCosts = (name: string, items: Readonly<Record<string, number>>): string => {
      const results = Object.entries(items).map(([item, value]) => ({
        object: 'organization.costs.result',
        amount: { value, currency: 'usd' },
        line_item: item,
      }));
      const start = Math.floor(Date.parse(day.toISOString().slice(0, 10)) / 1000);
      const data = [{ object: 'bucket', start_time: start, end_time: start + 86_400, results }];
      return writeList(name, { object: 'page', data, has_more: false });
    };
    const paid = Number(cost);
    const rowOf = (document: unknown, name: string): unknown =>
      (document as { rows: { model: string }[] }).rows.find((row) => row.model.startsWith(name));

    const right = await command.runJson(['reconcile', writeCosts('right.json', { [`${model}, output`]: paid })]);
    expect(rowOf(right.document, model)).toMatchObject({
      class: 'matched',
      ours: { calls: 1, cost_usd: cost },
      theirs: { cost_usd: cost },
      price_ids: [expect.any(String)],
    });
    expect(rowOf(right.document, 'gpt-4o-mini')).toMatchObject({ class: 'ours_only', theirs: null });
    expect(right.code).toBe(1);

    const pinned = (rowOf(right.document, 'gpt-4o-mini') as { ours: { cost_usd: string } }).ours.cost_usd;
    const all = writeCosts('all.json', { [`${model}, output`]: paid, 'gpt-4o-mini-2024-07-18, input': Number(pinned) });
    const same = await command.run(['reconcile', all, '--provider', 'openai']);
    expect(same).toMatchObject({ code: 0 });
    expect(same.stdout).toMatch(/^openai, \S+ to \S+: 2 matched, 0 rounding, 0 price_drift, 0 ours_only, 0 theirs_only$/m);

    const wrong = writeCosts('wrong.json', { [`${model}, output`]: paid * 2, 'gpt-4o-mini, input': Number(pinned), 'stranger, input': 1 });
    const { stdout, code } = await command.run(['reconcile', wrong]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/gpt-6-luna +price_drift/);
    expect(stdout).toMatch(/stranger +theirs_only/);
    expect(await command.run(['reconcile', wrong, '--from', '2020-01-01', '--to', '2020-01-02'])).toMatchObject({ code: 0 });

    const torn = writeList('torn.json', {});
    writeFileSync(torn, '{"object": "page",\n "data": [');
    await fails(['reconcile', torn], 2, 'line 2 of the export');
    await fails(['reconcile', all, '--provider', 'claude'], 2, 'no known export of claude');
  });

  describe('memory', () => {
    it('lists and shows what is remembered', async () => {
      const { text } = await ask('listed question');
      const id = await idOf('LISTED question');
      expect((await command.run(['memory', 'list', '--type', 'quiz'])).stdout).toContain('listed question');
      const { stdout } = await command.run(['memory', 'show', id]);
      expect(stdout).toContain(text);
      expect(stdout).toMatch(/^verdict +none$/m);
      expect((await command.run(['memory', 'list', '--search', 'nobody asked this'])).stdout).toBe('nothing is remembered that fits\n');
    });

    it('rejects an answer at once in every process: the next request buys a new one', async () => {
      await ask('rejected question');
      expect(await ask('rejected question')).toMatchObject({ source: 'memory' });
      const id = await idOf('rejected question');
      expect(await json(['memory', 'reject', id, '--reason', 'wrong', '--by', 'mika'])).toMatchObject({
        verdict: 'rejected',
        isCurrent: false,
      });
      expect(await ask('rejected question')).toMatchObject({ source: 'provider' });
      expect(await json(['memory', 'list', '--verdict', 'rejected'])).toMatchObject([{ id }]);
      expect(await json(['memory', 'show', id])).toMatchObject({ verdictBy: 'mika', verdictReason: 'wrong' });
      await fails(['memory', 'verify', id], 2, 'is not served any more');
    });

    it('verifies, rates, and marks as stale', async () => {
      await ask('verified question');
      const id = await idOf('verified question');
      expect((await command.run(['memory', 'verify', id])).stdout).toBe(`${id} is verified, served on\n`);
      expect((await command.run(['memory', 'verify', id])).stdout).toBe(`${id} is already verified, served on\n`);
      expect(await json(['memory', 'rate', id, '4.5', '--user', 'u1'])).toEqual({ id, user_rating: 4.5, rating_count: 1 });
      expect((await command.run(['memory', 'rate', id, '2', '--user', 'u1'])).stdout).toBe(`${id} is rated 2 by 1\n`);
      expect((await command.run(['memory', 'stale', id])).stdout).toBe(`${id} is stale, not served any more\n`);
      expect(await ask('verified question')).toMatchObject({ source: 'provider' });
    });

    it('forgets an answer with its versions and jobs', async () => {
      await ask('forgotten question');
      const id = await idOf('forgotten question');
      expect(await json(['memory', 'forget', id])).toEqual({ memories: 1, jobs: 1, objects: 0 });
      await fails(['memory', 'show', id], 1, 'there is no remembered answer');
      expect(await ask('forgotten question')).toMatchObject({ source: 'provider' });
      expect((await command.run(['memory', 'forget', '--scope', 'user:9'])).stdout).toBe(
        'forgotten: 0 remembered answers, 0 jobs, 0 MP3s\n',
      );
    });

    it.each([
      [['memory'], 2, 'Usage: ai-core memory'],
      [['memory', 'show', 'abc'], 2, '"abc" is not the id of a remembered answer'],
      [['memory', 'show', NOWHERE], 1, `there is no remembered answer ${NOWHERE}`],
      [['memory', 'reject', NOWHERE], 1, 'there is no remembered answer'],
      [['memory', 'list', '--verdict', 'good'], 2, '--verdict takes one of none, verified'],
      [['memory', 'list', '--limit', '0'], 2, '--limit takes a whole number'],
      [['memory', 'rate', NOWHERE, '6', '--user', 'u'], 2, '<rating> takes a number from 0 to 5'],
      [['memory', 'rate', NOWHERE, '5'], 2, "required option '--user <id>'"],
      [['memory', 'forget'], 2, 'name either the id of an answer or a --scope'],
      [['memory', 'forget', '--scope', 'shared'], 2, 'holds the answers of everybody'],
    ])('refuses %j with %i', (args, code, words) => fails(args, code, words));
  });

  describe('receipt', () => {
    it('takes the cost of a job apart, to the nano-dollar', async () => {
      const { job_id: id, cost_usd } = await json<{ job_id: string; cost_usd: string }>(request('receipt question'));
      const found = await json<{ calls: { lines: { unit: string }[] }[] }>(['receipt', id]);
      expect(found).toMatchObject({ job_id: id, paid_usd: cost_usd, difference_usd: '0' });
      expect(found.calls[0]?.lines.map(({ unit }) => unit)).toEqual(['input', 'output']);
      const { stdout } = await command.run(['receipt', id, '--against', 'openai/gpt-4o']);
      expect(stdout).toMatch(/^total .*\$0\.\d+$/m);
      expect(stdout).toContain('saved: cheaper_model $0.');
    });

    it.each([
      [['receipt'], 2, "missing required argument 'id'"],
      [['receipt', 'abc'], 2, '"abc" is not a job id'],
      [['receipt', NOWHERE, '--against', 'gpt'], 2, '--against takes provider/model'],
      [['receipt', NOWHERE], 1, 'the accounts have no job or request'],
    ])('refuses %j with %i', (args, code, words) => fails(args, code, words));
  });

  describe('providers', () => {
    it('adds, edits, disables and lists', async () => {
      const added = await json(['providers', 'add', 'openai', 'gpt-4o', '--tier', 'normal', '--quality', '0.6']);
      expect(added).toMatchObject({ tier: 'normal', priced: true });
      await json(['providers', 'edit', 'openai', 'gpt-4o', '--tier', 'premium', '--shutdown-date', '2027-01-31', '--successor', 'none']);
      expect((await command.run(['providers', 'disable', 'openai', 'gpt-4o'])).stdout).toBe('openai/gpt-4o (text) is disabled\n');
      const { stdout } = await command.run(['providers', 'list']);
      expect(stdout).toMatch(/^openai\/gpt-4o +text +premium +no .*2027-01-31$/m);
      const { configurations } = await json<{ configurations: object[] }>(['providers', 'list']);
      expect(configurations).toContainEqual(
        expect.objectContaining({ modelName: 'gpt-4o', isActive: false, successor: null, qualityScore: 0.6 }),
      );
    });

    it('says when a model has no price', async () => {
      const end = await command.run(['providers', 'add', 'local_small_model', 'mine']);
      expect(end.code).toBe(0);
      expect(end.stderr).toContain('local_small_model/mine has no price');
    });

    it.each([
      [['providers', 'add', 'acme', 'x'], 2, 'provider must be one of openai'],
      [['providers', 'add', 'openai', 'gpt-6-luna'], 2, 'is configured already'],
      [['providers', 'add', 'openai', 'x', '--tier', 'best'], 2, '--tier takes one of cheap, normal, premium'],
      [['providers', 'edit', 'openai', 'nowhere', '--active', 'false'], 1, 'there is no text configuration openai/nowhere'],
      [['providers', 'edit', 'openai', 'gpt-6-luna'], 2, 'name at least one thing to change'],
      [['providers', 'edit', 'openai', 'gpt-6-luna', '--quality', '2'], 2, '--quality takes a number from 0 to 1'],
      [['providers', 'edit', 'openai', 'gpt-6-luna', '--base-url', 'https://evil.example'], 2, 'AI_CORE_PROVIDER_HOSTS'],
      [['providers', 'disable', 'openai'], 2, "missing required argument 'model'"],
    ])('refuses %j with %i', (args, code, words) => fails(args, code, words));
  });

  describe('prices and reprice', () => {
    const litellm = (input: number) => ({
      'gpt-6-luna': { litellm_provider: 'openai', mode: 'chat', input_cost_per_token: input, output_cost_per_token: 5e-7 },
      'gpt-unheard-of': { litellm_provider: 'openai', mode: 'chat', input_cost_per_token: 1e-7 },
    });

    it('lists the prices in effect', async () => {
      expect((await command.run(['prices', 'list', '--model', 'gpt-6-luna'])).stdout).toMatch(/^openai\/gpt-6-luna +\S+ \S+ +yes +0\.1 /m);
      const { prices } = await json<{ prices: object[] }>([
        'prices',
        'list',
        '--provider',
        'gemini',
        '--model',
        'gemini-3.8-flash',
        '--all',
      ]);
      expect(prices).toHaveLength(2);
    });

    it('proposes without writing, writes what is not flagged, and jumps only when told', async () => {
      const small = writeList('small.json', litellm(1.1e-7));
      const proposed = await json(['prices', 'import', small]);
      expect(proposed).toMatchObject({
        format: 'litellm',
        applied: 0,
        unknown_models: ['openai/gpt-unheard-of'],
        proposals: [{ model: 'gpt-6-luna', flags: [], changes: [{ unit: 'input', from: '0.1', to: '0.11', change_percent: 10 }] }],
      });
      const large = writeList('large.json', litellm(9e-7));
      expect((await command.run(['prices', 'import', large, '--apply'])).stdout).toMatch(/\[jump\][^]*\n0 written\n$/);
      expect(await json(['prices', 'import', small, '--apply'])).toMatchObject({ applied: 1 });
      expect(await json(['prices', 'import', small, '--apply'])).toMatchObject({ applied: 0, same: 1, proposals: [] });
      expect(await json(['prices', 'import', large, '--apply', '--accept-jumps'])).toMatchObject({ applied: 1 });
    });

    it('reads the data of genai-prices', async () => {
      const file = writeList('genai.json', [
        {
          id: 'openai',
          models: [{ id: 'gpt-6.1-terra', match: { equals: 'gpt-6.1-terra' }, prices: { input_mtok: 1, output_mtok: 5.5 } }],
        },
      ]);
      expect(await json(['prices', 'import', file])).toMatchObject({
        format: 'genai-prices',
        proposals: [{ changes: [{ unit: 'output' }] }],
      });
    });

    it('corrects what was accounted with another price, once, and every sum stays exact', async () => {
      const day = new Date().toISOString().slice(0, 10);
      await ask('priced question', '--provider', 'openai', '--model', 'gpt-4o-mini');
      expect(await json(['reprice', '--from', day])).toMatchObject({ corrected: 0 });
      const file = writeList('mini.json', {
        'gpt-4o-mini': { litellm_provider: 'openai', mode: 'chat', input_cost_per_token: 3e-7, output_cost_per_token: 1.2e-6 },
      });
      await json(['prices', 'import', file, '--apply', '--accept-jumps', '--from', day]);
      const found = await json<{ mispriced: number; difference_usd: string }>(['reprice', '--from', day]);
      expect(found.mispriced).toBeGreaterThan(0);
      expect(Number(found.difference_usd)).toBeGreaterThan(0);
      expect(await json(['reprice', '--from', day, '--apply'])).toMatchObject({ corrected: found.mispriced });
      expect(await json(['reprice', '--from', day, '--apply'])).toMatchObject({ mispriced: 0, corrected: 0, difference_usd: '0' });
      expect(await json(['rollup', '--check'])).toMatchObject({ differences: [] });
    });

    it.each([
      [['prices', 'import', '/nowhere/prices.json'], 2, 'cannot be read (ENOENT)'],
      [['prices', 'import', '/dev/null'], 2, 'is not JSON'],
      [['prices', 'import', 'package.json'], 2, "is neither LiteLLM's price map nor the data of genai-prices"],
      [['prices', 'import', 'package.json', '--accept-jumps'], 2, '--accept-jumps goes with --apply'],
      [['prices', 'import', 'package.json', '--from', 'today'], 2, '--from takes a day'],
      [['reprice'], 2, "required option '--from <day>'"],
      [['reprice', '--from', '2026-02-31'], 2, '--from takes a day'],
      [['reprice', '--from', '2026-02-02', '--to', '2026-02-01'], 2, '--from must not be after --to'],
    ])('refuses %j with %i', (args, code, words) => fails(args, code, words));
  });
});
