import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  beginEvaluation,
  createTrainingRun,
  endEvaluation,
  listEvaluations,
  openObjects,
  registerOwnModel,
  writeEvaluationItem,
  type EvaluatedAnswer,
} from '@ai-core/store';
import { COOKIE, openTestConsole, type Browser, type TestConsole } from '../testing.ts';

const SURE = { estimate: 0.5, low: 0.4, high: 0.6 };
const FIGURES = { answered: 30, failed: 0, checkRate: { estimate: 1, low: 0.9, high: 1 }, p95LatencyMs: 400, costNanoUsd: '0' };
const objects = openObjects(inject('s3'));
let site: TestConsole;
let admin: Browser;
beforeAll(async () => {
  site = await openTestConsole({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase'), objects });
  admin = await site.signIn('admin');
});
afterAll(async () => {
  await site.close();
  objects.close();
});

interface Sent<Body> {
  readonly status: number;
  readonly body: Body;
}

async function send<Body = Record<string, unknown>>(
  method: 'GET' | 'POST',
  url: string,
  { payload, who = admin }: { payload?: object; who?: Browser } = {},
): Promise<Sent<Body>> {
  const response = await site.app.inject({
    method,
    url,
    cookies: { [COOKIE]: who.cookies.get(COOKIE) ?? '' },
    headers: { accept: 'application/json', 'x-csrf-token': who.csrfToken },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: response.statusCode, body: response.json() };
}

/** A trained model that is known by its name. */
async function train(version: string): Promise<void> {
  await createTrainingRun(site.database, {
    batchId: `batch of ${version}`,
    version,
    baseModel: 'gpt-4o-mini',
    provider: 'openai',
    simulated: false,
    trainingSize: 40,
    validationSize: 4,
    trainingFile: 'training/real/none.jsonl',
    validationFile: null,
    manifest: null,
    datasetSha256: 'a'.repeat(64),
    requestedBy: 'test',
  });
  await site.database.pool.query(
    `update ai_model_training_run set status = 'completed', phase = 'finished', events = '[{"at": "2026-01-01T00:00:00Z", "message": "made"}]',
       curve = '[{"step": 40, "training_loss": 0.5, "validation_loss": 0.6, "validation_accuracy": 0.8}]' where model_version = $1`,
    [version],
  );
  await registerOwnModel(site.database, {
    version,
    servedBy: null,
    inputNanoUsd: 0n,
    outputNanoUsd: 0n,
    cachedInputNanoUsd: 0n,
    source: 'test',
  });
}

function answer(text: string): EvaluatedAnswer {
  return { text, failedChecks: [], exact: false, latencyMs: 100, costNanoUsd: 0n, error: null };
}

/** An evaluation in which the judge found nothing to choose in `pairs` pairs. */
async function evaluated(version: string, pairs: number): Promise<string> {
  const id = await beginEvaluation(site.database, {
    version,
    candidate: { provider: 'local_small_model', model: version },
    against: { provider: 'openai', model: 'gpt-6-luna' },
    simulated: false,
    settings: {},
    requestedBy: 'test',
  });
  for (let place = 0; place < pairs; place++) {
    await writeEvaluationItem(site.database, id, {
      place,
      source: 'recent',
      requestType: 'quiz',
      question: { prompt: `question ${place}`, options: {} },
      reference: null,
      candidate: answer(`own ${place}`),
      against: answer(place === 0 ? 'own 0' : `other ${place}`),
      judged: 'tie',
    });
  }
  const report = { items: pairs, candidate: FIGURES, against: FIGURES, preference: SURE, reasons: [] };
  await endEvaluation(site.database, id, { gate: 'passed', report, error: null });
  return id;
}

interface Pair {
  readonly id: string;
  readonly first: string;
  readonly second: string;
}
const pairsFor = async (who: Browser): Promise<Pair[]> =>
  (await send<{ rows: Pair[] }>('GET', '/api/blind-pairs?version=blind_v1&limit=50', { who })).body.rows;

describe('blind scoring', () => {
  it('hides and shuffles whose answer is which, and leaves out pairs that are the same', async () => {
    await train('blind_v1');
    await evaluated('blind_v1', 31);
    const [one, two] = [await site.signIn('reviewer'), await site.signIn('reviewer')];
    const [first, second] = [await pairsFor(one), await pairsFor(two)];
    expect(first).toHaveLength(30);
    expect(Object.keys(first[0] ?? {}).toSorted()).toEqual(['first', 'id', 'prompt', 'requestType', 'second']);
    const own = first.filter((pair) => pair.first.startsWith('own')).length;
    expect(own).toBeGreaterThan(3);
    expect(own).toBeLessThan(27);
    expect(await pairsFor(one)).toEqual(first);
    expect(second.map(({ id }) => id)).not.toEqual(first.map(({ id }) => id));
    expect(second.map(({ id }) => id).toSorted()).toEqual(first.map(({ id }) => id).toSorted());
  });

  it('counts a person’s choice instead of the judge’s, and the gate decides anew', async () => {
    const person = await site.signIn('reviewer');
    const pairs = await pairsFor(person);
    for (const { id, first } of pairs) {
      const choice = first.startsWith('own') ? 'second' : 'first';
      expect(await send('POST', `/api/blind-pairs/${id}`, { payload: { choice }, who: person })).toMatchObject({ status: 200 });
    }
    const [evaluation] = await listEvaluations(site.database, 'blind_v1');
    // 30 losses and the tie that nobody had to look at.
    expect(evaluation).toMatchObject({ gate: 'refused', report: { people: { choices: 30, preference: { estimate: 0 } } } });
    expect(evaluation?.report?.preference.estimate).toBeCloseTo(0.5 / 31, 10);
    expect(evaluation?.report?.reasons.join()).toContain('compared with the other model');
    expect((await send('POST', '/api/training-runs/blind_v1/deploy', { payload: {} })).body).toMatchObject({
      detail: expect.stringContaining('quality gate has refused') as string,
    });

    const other = await site.signIn('reviewer');
    const [pair] = pairs;
    expect(await pairsFor(other)).toEqual([]);
    expect(await send('POST', `/api/blind-pairs/${pair?.id}`, { payload: { choice: 'tie' }, who: other })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('omebody else has chosen') as string },
    });
    // Who chose may take it back: the judge's word counts again.
    for (const { id } of pairs) await send('POST', `/api/blind-pairs/${id}`, { payload: { choice: null }, who: person });
    expect((await listEvaluations(site.database, 'blind_v1'))[0]).toMatchObject({
      gate: 'passed',
      report: { people: null, preference: { estimate: 0.5 } },
    });
    expect((await send('GET', '/api/blind-progress')).body).toMatchObject({ rows: [{ version: 'blind_v1', pairs: 30, chosen: 0 }] });
  });
});

describe('models of one’s own', () => {
  it('are listed and shown with their curve, events and evaluations', async () => {
    await train('shown_v1');
    await evaluated('shown_v1', 2);
    const { body } = await send<{ rows: { id: string }[] }>('GET', '/api/training-runs');
    expect(body.rows.map(({ id }) => id)).toContain('shown_v1');
    expect((await send('GET', '/api/training-runs/shown_v1')).body).toMatchObject({
      id: 'shown_v1',
      status: 'completed',
      events: [{ message: 'made' }],
      curve: [{ step: 40, training_loss: 0.5 }],
      evaluations: [{ gate: 'passed', against: { model: 'gpt-6-luna' } }],
      canaries: [],
      manifest: null,
    });
    expect((await send('GET', '/api/training-runs/nobody')).status).toBe(404);
  });

  it('are evaluated by a worker once somebody asks, one at a time', async () => {
    await train('asked_v1');
    const ask = () => send('POST', '/api/training-runs/asked_v1/evaluate', { payload: { against: { provider: 'openai', model: 'gpt' } } });
    expect(await ask()).toMatchObject({ status: 200 });
    expect(await ask()).toMatchObject({ status: 400, body: { detail: expect.stringContaining('under way already') as string } });
    expect(await listEvaluations(site.database, 'asked_v1')).toMatchObject([{ state: 'pending', gate: null }]);
  });

  it('are deployed with a share and rolled back by the same code as the command, and it is written down by whom', async () => {
    await train('served_v1');
    await evaluated('served_v1', 3);
    const operator = await site.signIn('operator');
    const deploy = (who: Browser) => send('POST', '/api/training-runs/served_v1/deploy', { payload: { share: 25, tier: 'normal' }, who });
    expect((await deploy(operator)).status).toBe(403);
    expect(await deploy(admin)).toMatchObject({ status: 200, body: { share: 25, previous: null } });
    expect((await send('GET', '/api/training-runs/served_v1')).body).toMatchObject({
      status: 'deployed',
      is_active: true,
      canaries: [{ state: 'running', candidateShare: 25 }],
    });
    const rollBack = () =>
      send('POST', '/api/own-model/rollback', { payload: { simulated: false, because: 'too slow', markStale: true }, who: operator });
    expect(await rollBack()).toMatchObject({ status: 200, body: { version: 'served_v1', now: null, stale: 0 } });
    expect((await rollBack()).status).toBe(404);
    const { rows } = await site.database.pool.query(`select actor, action from ai_audit_log where subject = 'served_v1' order by at`);
    expect(rows).toEqual([
      { actor: admin.userName, action: 'own-model.deployed' },
      { actor: operator.userName, action: 'own-model.rolled-back' },
    ]);
  });
});

describe('experiments', () => {
  it('are begun, reported and stopped', async () => {
    await train('left');
    await train('right');
    const models = { control: 'local_small_model/left', candidate: 'local_small_model/right' };
    const payload = { name: 'two of mine', ...models, share: 40, requestTypes: ['quiz'], simulated: false };
    expect(await send('POST', '/api/experiments', { payload })).toMatchObject({ status: 200 });
    expect((await send('GET', '/api/experiments')).body).toMatchObject({
      rows: [{ id: 'two of mine', kind: 'ab', candidateShare: 40 }, {}],
    });
    expect((await send('GET', '/api/experiments/two%20of%20mine')).body).toMatchObject({ candidate: { answers: 0, quality: null } });
    expect(await send('POST', '/api/experiments/two%20of%20mine/stop')).toMatchObject({ status: 200 });
    expect((await send('GET', '/api/experiments/two%20of%20mine')).body).toMatchObject({ state: 'stopped' });
    expect((await send('POST', '/api/experiments', { payload: { ...payload, control: 'no model' } })).status).toBe(400);
  });
});

describe('exports of training data', () => {
  it('are the files of the command, fetched from the object store', async () => {
    const { rows } = await site.database.pool.query<{ id: string }>(
      `insert into ai_memory (id, prompt_hash, scope, kind, request_type, prompt_text, prompt_options, generated_text, provider, model, simulated)
       values (gen_random_uuid(), 'e1', 'shared', 'text', 'quiz', 'a question', '{}', 'an answer', 'openai', 'gpt', false) returning id`,
    );
    expect((await send('POST', '/api/memory/actions/verify', { payload: { ids: [rows[0]?.id] } })).status).toBe(200);
    const order = { format: 'openai-chat', simulated: false, validationShare: 0 };
    const { body } = await send<{ done: number; stored: { train: string } }>('POST', '/api/training-exports', { payload: order });
    expect(body).toMatchObject({ done: 1, manifest: { examples: { train: 1, validation: 0 }, leaked: 0 } });
    const file = await site.app.inject({
      method: 'GET',
      url: `/api/training-files/${body.stored.train.replace('training/', '')}`,
      cookies: { [COOKIE]: admin.cookies.get(COOKIE) ?? '' },
    });
    expect(file.headers['content-disposition']).toContain('attachment');
    expect(file.json()).toEqual({
      messages: [
        { role: 'user', content: 'a question' },
        { role: 'assistant', content: 'an answer' },
      ],
    });
    expect((await send('GET', `/api/training-files/real/${'0'.repeat(64)}.jsonl`)).status).toBe(404);
  });
});
