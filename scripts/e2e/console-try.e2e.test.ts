import { startConsole } from '@ai-core/console';
import { createLog } from '@ai-core/runtime';
import { createConsoleUser, openSession, type ConsoleRole } from '@ai-core/store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

type Console = Awaited<ReturnType<typeof startConsole>>;

let fleet: Fleet;
let running: Console;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'postgres', roles: 'text-openai,audio-elevenlabs,maintenance' });
  const { databaseUrl, s3 } = fleet;
  running = await startConsole({
    databaseUrl,
    s3,
    simulated: true,
    host: '127.0.0.1',
    port: 0,
    log: createLog({ level: 'silent', name: 'console' }),
  });
});
afterAll(async () => {
  await running.close();
  await fleet.stop();
});

interface Person {
  readonly name: string;
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<Response>;
}

async function enter(role: ConsoleRole): Promise<Person> {
  const { name } = await createConsoleUser(fleet.database, { name: `${role}-of-tries`, role });
  const { rows } = await fleet.database.pool.query<{ id: string }>(
    'update ai_console_user set must_change_password = false where name = $1 returning id',
    [name],
  );
  const { token, csrfToken } = await openSession(fleet.database, rows[0]?.id ?? '');
  return {
    name,
    call: (method, path, body) =>
      fetch(`${running.url}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          cookie: `ai_core_console=${token}`,
          'x-csrf-token': csrfToken,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
  };
}

async function pathOf(provider: string, kind: 'text' | 'audio'): Promise<string> {
  const { rows } = await fleet.database.pool.query<{ id: string; model_name: string }>(
    'select id, model_name from ai_provider_config where provider = $1 and kind = $2 and is_active order by is_default desc limit 1',
    [provider, kind],
  );
  return `/api/providers/${rows[0]?.id}/try`;
}

interface Tried {
  readonly jobId: string;
  readonly text: string | null;
  readonly audio: string | null;
  readonly simulated: boolean;
  readonly provider: string;
  readonly costNanoUsd: string;
  readonly latencyMs: number;
}

it('sends a test prompt the whole way, says what it cost, writes down who did it, and remembers nothing', async () => {
  const operator = await enter('operator');
  const path = await pathOf('openai', 'text');
  const response = await operator.call('POST', path, { prompt: 'Why is the sky blue?' });
  expect(response.status).toBe(200);
  const tried = (await response.json()) as Tried;
  expect(tried).toMatchObject({ provider: 'openai', simulated: true, audio: null });
  expect(tried.text?.length).toBeGreaterThan(10);
  const { rows } = await fleet.database.pool.query<{ cost: string; user_id: string; caller: string; endpoint: string }>(
    `select cost_nano_usd::text as cost, user_id, caller, endpoint from ai_usage_log where job_id = $1`,
    [tried.jobId],
  );
  expect(rows).toEqual([{ cost: tried.costNanoUsd, user_id: `console:${operator.name}`, caller: 'console', endpoint: 'console/try' }]);
  expect(BigInt(tried.costNanoUsd)).toBeGreaterThan(0n);
  const written = await fleet.database.pool.query(`select 1 from ai_audit_log where action = 'model.tried' and actor = $1`, [
    operator.name,
  ]);
  expect(written.rowCount).toBe(1);
  expect((await fleet.database.pool.query('select 1 from ai_memory')).rowCount).toBe(0);
});

it('speaks a test sentence that can be listened to and sought in', async () => {
  const operator = await enter('admin');
  const response = await operator.call('POST', await pathOf('elevenlabs', 'audio'), { prompt: 'Good morning.', language: 'en' });
  const tried = (await response.json()) as Tried;
  expect([response.status, tried.text]).toEqual([200, null]);
  const sound = await operator.call('GET', tried.audio ?? '');
  expect([sound.status, sound.headers.get('content-type'), sound.headers.get('accept-ranges')]).toEqual([200, 'audio/mpeg', 'bytes']);
  expect((await sound.arrayBuffer()).byteLength).toBeGreaterThan(500);
});

it('spends nothing for those who may only look', async () => {
  const viewer = await enter('viewer');
  const before = (await fleet.database.pool.query('select 1 from ai_job')).rowCount;
  const response = await viewer.call('POST', await pathOf('openai', 'text'), { prompt: 'Why is the sky blue?' });
  expect(response.status).toBe(403);
  expect((await fleet.database.pool.query('select 1 from ai_job')).rowCount).toBe(before);
});
