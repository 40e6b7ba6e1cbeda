import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeAiCoreCommand } from './ai-core-command.ts';

const command = makeAiCoreCommand();
const data = path.join(command.folder, 'school.jsonl');
beforeAll(async () => {
  await command.start(['up', '--no-first-job', '--port', '0', '--console-port', '0']).hasSaid('AI Core is up');
});
afterAll(() => command.remove());

async function fails(args: readonly string[], code: number, words: string): Promise<void> {
  const end = await command.run(args);
  expect(end).toMatchObject({ code, stdout: '' });
  expect(end.stderr).toContain(words);
  expect(end.stderr).not.toMatch(/^ {4}at /m);
}

it('names what is missing at every step', async () => {
  await fails(['export-training', '--out', data, '--format', 'word'], 2, '--format takes prompt-completion');
  expect(await command.run(['export-training', '--out', data])).toMatchObject({ code: 1 });
  await fails(['evaluate', 'school_v1'], 1, 'no training run has made the version school_v1');
  await fails(['deploy', 'school_v1'], 1, 'no training run has made the version school_v1');
  await fails(['deploy', 'school_v1', '--share', '0'], 2, 'a share is a whole number from 1 to 100');
  await fails(['rollback'], 1, 'no own model is deployed');
  const train = ['train', '--base-model', 'gpt-4o-mini', '--batch-id', 'b0', '--model-version', 'school_v0', '--data-file'];
  await fails([...train, path.join(command.folder, 'nowhere.jsonl')], 2, 'cannot be read');
  writeFileSync(data, '{"prompt": "only a prompt"}\n');
  await fails([...train, data], 2, 'line 1 of school.jsonl is no openai-chat');
});

it('export, train, evaluate, deploy and rollback work one after another as the page says', async () => {
  const prompt = 'Explain topic1 to a beginner';
  expect((await command.run(['generate', 'text', '--type', 'note', '--prompt', prompt])).code).toBe(0);
  const { document } = await command.runJson(['memory', 'list', '--search', prompt, '--limit', '1']);
  const [row] = document as { id: string }[];
  expect((await command.run(['memory', 'verify', row?.id ?? ''])).code).toBe(0);
  const exported = await command.runJson(['export-training', '--out', data, '--simulated', '--validation-share', '0']);
  expect(exported.document).toMatchObject({
    examples: { train: 1, validation: 0 },
    stored: { train: expect.stringContaining('training/simulated/') as string },
  });
  const lines = readFileSync(data, 'utf8').trim().split('\n');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ tags: ['note'] });

  // OpenAI takes no fewer than ten examples.
  writeFileSync(data, `${Array.from({ length: 12 }, () => lines[0] ?? '').join('\n')}\n`);
  const trained = await command.runJson([
    'train',
    '--base-model',
    'gpt-4o-mini',
    '--data-file',
    data,
    '--validation-share',
    '0',
    '--batch-id',
    'b1',
    '--model-version',
    'school_v1',
  ]);
  expect(trained).toMatchObject({ code: 0, document: { status: 'completed', training_size: 12, is_active: false } });

  const evaluated = await command.runJson(['evaluate', 'school_v1', '--against', 'openai/gpt-6-luna', '--recent', '5']);
  // A handful of comparisons proves nothing, and the gate says so.
  expect(evaluated).toMatchObject({
    code: 1,
    document: { gate: 'refused', reasons: expect.arrayContaining([expect.stringMatching(/at least 20 are needed/)]) as string[] },
  });
  await fails(['deploy', 'school_v1'], 1, 'the quality gate has refused school_v1');
  const deployed = await command.runJson(['deploy', 'school_v1', '--force', '--share', '100']);
  expect(deployed).toMatchObject({ code: 0, document: { version: 'school_v1', share: 100, previous: null } });
  const answer = await command.runJson(['generate', 'text', '--type', 'note', '--prompt', 'Explain topic9 to a beginner']);
  expect(answer.document).toMatchObject({ provider: 'local_small_model', model: 'school_v1' });
  // Its answer to the caller and the one it gave for the evaluation.
  const undone = await command.runJson(['rollback', '--mark-stale']);
  expect(undone).toMatchObject({ code: 0, document: { version: 'school_v1', now: null, stale: 2 } });
  const after = await command.runJson(['generate', 'text', '--type', 'note', '--prompt', 'Explain topic9 to a beginner']);
  expect(after.document).not.toMatchObject({ provider: 'local_small_model' });
}, 240_000);
