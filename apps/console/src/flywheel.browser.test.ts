import {
  beginEvaluation,
  createTrainingRun,
  endEvaluation,
  listEvaluations,
  openObjects,
  registerOwnModel,
  startExperiment,
  writeEvaluationItem,
  type EvaluatedAnswer,
} from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { LOOKS, openBrowserSite, type BrowserSite, type Look } from './testing/browser-site.ts';

const VERSION = 'school_v1';
const objects = openObjects(inject('s3'));
let browsers: BrowserSite;

/** @returns ids of answers that were reused and rated, so that they are suggested */
async function remember(subjects: readonly string[], requestType = 'grammar_note'): Promise<string[]> {
  const { rows } = await browsers.site.database.pool.query<{ id: string }>(
    `insert into ai_memory (id, prompt_hash, scope, kind, request_type, prompt_text, prompt_options, generated_text, provider, model, simulated,
       cost_nano_usd, usage_count, user_rating, rating_count)
     select gen_random_uuid(), md5(subject || $2) || md5(subject), 'shared', 'text', $2, 'Explain the ' || subject || ' to a beginner.', '{}',
       'The ' || subject || ' is used like this. First look at what the sentence says, then at who does it; an example follows.',
       'openai', 'gpt-6-luna', false, 1200000, 30 - place, 4.5, 3
     from unnest($1::text[]) with ordinality as given (subject, place) order by place returning id`,
    [subjects, requestType],
  );
  return rows.map(({ id }) => id);
}

async function suggest(subjects: readonly string[]): Promise<void> {
  await browsers.site.database.pool.query(
    `insert into ai_training_data (memory_item, split, prompt_key, example_key, rules_version, suggested_because, difficulty_label, subject_tags)
     select id, 'train', prompt_hash, prompt_hash, 1, 'reused at least 3 times, rated at least 4, never corrected', 'easy', '{grammar}'
     from ai_memory where id = any($1)`,
    [await remember(subjects)],
  );
}

function answer(text: string): EvaluatedAnswer {
  return { text, failedChecks: [], exact: false, latencyMs: 400, costNanoUsd: 200_000n, error: null };
}

const FIGURES = { answered: 24, failed: 0, checkRate: { estimate: 0.96, low: 0.84, high: 1 }, p95LatencyMs: 840, costNanoUsd: '4800000' };

async function trainAndEvaluate(): Promise<void> {
  const { database } = browsers.site;
  await createTrainingRun(database, {
    batchId: 'school_2026_11',
    version: VERSION,
    baseModel: 'gpt-4o-mini-2024-07-18',
    provider: 'openai',
    simulated: false,
    trainingSize: 5_204,
    validationSize: 571,
    trainingFile: 'training/real/none.jsonl',
    validationFile: null,
    manifest: null,
    datasetSha256: 'a'.repeat(64),
    requestedBy: 'mika',
  });
  await database.pool.query(
    `update ai_model_training_run set status = 'completed', phase = 'finished', started_at = now() - interval '50 minutes', finished_at = now(),
       training_loss = 0.41, validation_loss = 0.58, validation_accuracy = 0.87, trained_tokens = 2104000, training_cost_nano_usd = 6312000000,
       training_duration_minutes = 41.5, served_provider = 'openai', served_model = 'ft:gpt-4o-mini:school', events = $2::jsonb,
       curve = (select jsonb_agg(jsonb_build_object('step', 500 * n, 'training_loss', 0.4 + 1.4 / n, 'validation_loss', 0.55 + 1.5 / n,
         'validation_accuracy', 0.9 - 0.5 / n)) from generate_series(1, 12) n)
     where model_version = $1`,
    [
      VERSION,
      JSON.stringify(
        [
          'the data is uploaded; the job is being made',
          'job ftjob-1 is made',
          'Fine-tuning job started',
          'The job has successfully completed',
        ].map((message, n) => ({ at: `2026-11-20T10:0${n}:00.000Z`, message })),
      ),
    ],
  );
  await registerOwnModel(database, {
    version: VERSION,
    servedBy: null,
    inputNanoUsd: 0n,
    outputNanoUsd: 0n,
    cachedInputNanoUsd: 0n,
    source: 'test',
  });
  const id = await beginEvaluation(database, {
    version: VERSION,
    candidate: { provider: 'local_small_model', model: VERSION },
    against: { provider: 'openai', model: 'gpt-6-luna' },
    simulated: false,
    settings: {},
    requestedBy: 'mika',
  });
  for (let place = 0; place < 24; place++) {
    await writeEvaluationItem(database, id, {
      place,
      source: 'recent',
      requestType: 'grammar_note',
      question: { prompt: `Explain rule ${place} of the passive voice to a beginner.`, options: {} },
      reference: null,
      candidate: answer(`own answer ${place}: the thing that something happens to comes first, the doer follows with "by" or is left out.`),
      against: answer(`other answer ${place}: the passive voice is formed with a form of "to be" and the past participle of the verb.`),
      judged: 'tie',
    });
  }
  const report = { items: 24, candidate: FIGURES, against: FIGURES, preference: { estimate: 0.5, low: 0.42, high: 0.58 }, reasons: [] };
  await endEvaluation(database, id, { gate: 'passed', report, error: null });
  await registerOwnModel(database, {
    version: 'school_v0',
    servedBy: null,
    inputNanoUsd: 0n,
    outputNanoUsd: 0n,
    cachedInputNanoUsd: 0n,
    source: 'test',
  });
  await startExperiment(database, {
    name: 'quiz models',
    requestTypes: ['quiz_generation'],
    control: { provider: 'local_small_model', model: 'school_v0' },
    candidate: { provider: 'local_small_model', model: VERSION },
    candidateShare: 50,
    simulated: false,
    by: 'mika',
  });
}

beforeAll(async () => {
  browsers = await openBrowserSite({
    serverUrl: inject('databaseUrl'),
    template: inject('templateDatabase'),
    browserPath: inject('browserPath'),
    objects,
  });
  await trainAndEvaluate();
});
afterAll(async () => {
  await browsers.close();
  objects.close();
});

describe('the pages of the flywheel', () => {
  it.each(Object.keys(LOOKS) as Look[])('are drawn without complaints, barriers or anything hanging over the edge: %s', async (look) => {
    await suggest([`${look} subjunctive`, `${look} gerund`]);
    const [left, right] = await remember([`${look} article`, `${look} plural`]);
    const { context, page, complaints, open, inspect } = await browsers.visit('admin', look);
    const barriers: string[] = [];
    for (const [name, address, selector] of [
      ['training-data', 'training-data', '.datatable-body tr'],
      ['review', 'review', '[data-review] pre'],
      ['training-runs', 'training-runs', '.datatable-body tr'],
      ['training-run', `training-runs/${VERSION}/show`, '.show-page dl'],
      ['blind-scoring', 'blind-scoring', '[data-blind] pre'],
      ['experiments', 'experiments', '.datatable-body tr'],
      ['experiment', 'experiments/quiz%20models/show', '.show-page dl'],
      ['memory-compare', `memory-compare?left=${left}&right=${right}`, '[data-compare] pre'],
    ] as const) {
      await open(address, selector);
      barriers.push(...(await inspect(name)));
    }
    await open('review', '[data-review] pre');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    barriers.push(...(await inspect('review-keys')));
    expect(barriers).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe('reviewing', () => {
  it('two answers marked as verified in memory are in the training data', async () => {
    const subjects = ['first conditional', 'second conditional'];
    await remember(subjects, 'conditionals');
    const { context, page, open } = await browsers.visit('operator');
    await open(`memory?filter=${encodeURIComponent(JSON.stringify({ requestType: 'conditionals' }))}`, '.datatable-body tr');
    for (const box of await page.locator('tbody input[type="checkbox"]').all()) await box.check();
    await page.getByRole('button', { name: 'Mark as verified (training)' }).click();
    await page.getByText('2 answers verified for training').waitFor();
    await open(
      `training-data?filter=${encodeURIComponent(JSON.stringify({ list: 'verified', requestType: 'conditionals' }))}`,
      '.datatable-body tr',
    );
    await expect.poll(() => page.locator('.datatable-body tr').count()).toBe(2);
    // And an export has them.
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    await page.getByRole('link', { name: 'train' }).waitFor();
    const href = (await page.getByRole('link', { name: 'manifest' }).getAttribute('href')) ?? '';
    const manifest = await page.evaluate(async (address) => (await fetch(address)).json() as Promise<unknown>, href);
    expect(manifest).toMatchObject({ format: 'openai-chat', leaked: 0, examples: { read: 2 } });
    await context.close();
  });

  it('goes by single keys: labels, verify, decline, reject and undo', async () => {
    await browsers.site.database.pool.query('delete from ai_training_data where not human_verified');
    await suggest(['genitive', 'dative', 'accusative']);
    const { context, page, open, name } = await browsers.visit('reviewer');
    await open('review', '[data-review] pre');
    const shown = (subject: string): Promise<void> => page.locator('pre', { hasText: `Explain the ${subject}` }).waitFor();
    const stateOf = async (subject: string) => {
      const { rows } = await browsers.site.database.pool.query<Record<string, unknown>>(
        `select m.verdict, t.human_verified as verified, t.verified_by as by, t.declined_at is not null as declined, t.difficulty_label as difficulty,
           t.training_weight::float8 as weight, t.subject_tags as tags from ai_training_data t join ai_memory m on m.id = t.memory_item
         where m.prompt_text = 'Explain the ' || $1 || ' to a beginner.'`,
        [subject],
      );
      return rows[0];
    };
    await shown('genitive');
    await page.keyboard.press('3');
    await page.keyboard.press('+');
    await page.keyboard.press('t');
    await page.keyboard.type('case');
    await page.keyboard.press('Enter');
    await expect.poll(() => stateOf('genitive')).toMatchObject({ difficulty: 'hard', weight: 1.5, tags: ['case', 'grammar'] });
    // What is typed into a field decides nothing.
    await page.keyboard.type('v');
    await page.keyboard.press('Escape');
    await page.locator('h1, [data-verified]').first().click();
    expect(await stateOf('genitive')).toMatchObject({ verified: false });
    await page.keyboard.press('v');
    await shown('dative');
    expect(await stateOf('genitive')).toMatchObject({ verified: true, by: name, verdict: 'verified' });
    await page.keyboard.press('d');
    await shown('accusative');
    expect(await stateOf('dative')).toMatchObject({ declined: true, verdict: 'none' });
    await page.keyboard.press('r');
    await page.getByText('Nothing to review').waitFor();
    expect(await stateOf('accusative')).toMatchObject({ verdict: 'rejected', verified: false });
    await page.keyboard.press('u');
    await shown('accusative');
    expect(await stateOf('accusative')).toMatchObject({ verdict: 'none' });
    await page.keyboard.press('u');
    await shown('dative');
    expect(await stateOf('dative')).toMatchObject({ declined: false });
    await context.close();
  });

  it('compares blind: the page does not say whose answer is which, and the report counts what people chose', async () => {
    const { context, page, open } = await browsers.visit('reviewer');
    await open('blind-scoring', '[data-blind] pre');
    expect(await page.locator('[data-blind]').innerText()).not.toMatch(/gpt-6-luna|local_small_model/);
    const peopleOf = async () => (await listEvaluations(browsers.site.database, VERSION))[0]?.report?.people;
    const prompt = page.locator('[data-blind] pre').first();
    for (const chosen of [1, 2, 3]) {
      const before = await prompt.innerText();
      const isOwnLeft = (await page.locator('[data-blind] pre').nth(1).innerText()).startsWith('own');
      await page.keyboard.press(isOwnLeft ? '1' : '2');
      await expect.poll(() => prompt.innerText()).not.toBe(before);
      expect(await peopleOf()).toMatchObject({ choices: chosen, preference: { estimate: 1 } });
    }
    await page.keyboard.press('u');
    await expect.poll(peopleOf).toMatchObject({ choices: 2 });
    await context.close();
  });
});

describe('a trained model', () => {
  it('is deployed with a share and rolled back from its page', async () => {
    const { context, page, open } = await browsers.visit('admin');
    await open(`training-runs/${VERSION}/show`, '.show-page dl');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.getByLabel('Percent of the traffic').fill('20');
    await page.getByRole('dialog').getByRole('button', { name: 'Deploy' }).click();
    await page.getByText(`${VERSION} takes 20 % of the cheap tier`).waitFor();
    await page.getByText('20 % beside openai/gpt-6-luna').waitFor();
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByLabel('Why').fill('a look at the page');
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.getByText(`${VERSION} is out of service`).waitFor();
    await page.getByText('a look at the page').first().waitFor();
    const { rows } = await browsers.site.database.pool.query(`select is_default from ai_provider_config where model_name = $1`, [VERSION]);
    expect(rows).toEqual([{ is_default: false }]);
    await context.close();
  });
});
