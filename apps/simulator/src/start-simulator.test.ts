import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from './start-simulator.ts';

let simulator: Simulator | undefined;
afterEach(async () => {
  await simulator?.close();
  simulator = undefined;
});

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  simulator = await startSimulator(options);
  return simulator;
}

const CHAT = { model: 'gpt-6-luna', messages: [{ role: 'user', content: 'Explain particles' }] };

function chat(body: object = CHAT, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${simulator?.url}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

function control(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${simulator?.url}/__simulator/${path}`, { method, body: body === undefined ? null : JSON.stringify(body) });
}

describe('the bill', () => {
  it('has a line for each answer, with the client id of the call and the hash of the prompt, never the prompt', async () => {
    await start();
    const response = await chat(CHAT, { 'x-client-request-id': 'attempt-1' });
    const body = (await response.json()) as { usage: { prompt_tokens: number; completion_tokens: number } };
    const { lines } = (await (await control('GET', 'bill')).json()) as { lines: Record<string, unknown>[] };
    expect(lines).toMatchObject([
      {
        seq: 1,
        provider: 'openai',
        model: 'gpt-6-luna',
        wire: 'openai-chat',
        attemptId: 'attempt-1',
        requestId: response.headers.get('x-request-id'),
        promptSha256: createHash('sha256').update('Explain particles').digest('hex'),
        usage: { inputTokens: body.usage.prompt_tokens, outputTokens: body.usage.completion_tokens },
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain('particles');
    expect(await (await control('GET', 'bill?since=1')).json()).toEqual({ lines: [] });
    expect((await control('GET', 'bill?since=x')).status).toBe(400);
  });

  it('charges a call whose client hung up before the answer was there', async () => {
    const { port } = await start({ latency: { fixedMs: 300 } });
    const body = JSON.stringify(CHAT);
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await expect.poll(() => simulator?.control().calls().length).toBe(1);
    socket.destroy();
    await expect.poll(() => simulator?.bill().length).toBe(1);
    expect(simulator?.control().calls()).toMatchObject([{ clientGone: true, charged: true }]);
  });

  it('does not charge what is refused, never answered or answered by a proxy', async () => {
    await start();
    for (const fault of ['rate-limit', 'server', 'unauthenticated', 'html'])
      await (await chat(CHAT, { 'x-simulator-fault': fault })).text();
    await expect(chat(CHAT, { 'x-simulator-fault': 'reset' })).rejects.toThrow('fetch failed');
    expect(simulator?.bill()).toEqual([]);
    expect(simulator?.control().totals()).toEqual({ openai: 5 });
  });

  it('charges what was produced but did not arrive, or is of no use', async () => {
    await start();
    for (const fault of ['refusal', 'length', 'empty', 'no-choices', 'usage-missing', 'usage-absurd', 'truncated-json']) {
      await (await chat(CHAT, { 'x-simulator-fault': fault })).text();
    }
    await expect(chat(CHAT, { 'x-simulator-fault': 'cut' }).then((response) => response.text())).rejects.toThrow('terminated');
    const [good] = [await (await chat()).json()] as { usage: { prompt_tokens: number } }[];
    expect(simulator?.bill()).toHaveLength(9);
    for (const line of simulator?.bill() ?? []) expect(line.usage.inputTokens).toBe(good?.usage.prompt_tokens);
  });
});

describe('the control endpoints', () => {
  it('make calls fail, list what is active and what is known, and stop', async () => {
    await start();
    const created = await control('POST', 'faults', { provider: 'openai', fault: 'overloaded' });
    expect(created.status).toBe(201);
    expect((await chat()).status).toBe(503);
    const { active, known } = (await (await control('GET', 'faults')).json()) as { active: object[]; known: Record<string, object> };
    expect(active).toEqual([{ id: 1, provider: 'openai', fault: 'overloaded' }]);
    expect(known).toHaveProperty('rate-limit');
    expect((await control('DELETE', 'faults/7')).status).toBe(404);
    expect((await control('DELETE', 'faults/1')).status).toBe(200);
    expect((await chat()).status).toBe(200);
  });

  it('answer 400 to what they do not understand and 404 to what they do not have', async () => {
    await start();
    expect((await control('POST', 'faults', { fault: 'earthquake' })).status).toBe(400);
    expect((await control('POST', 'faults', { fault: 'server', surprise: 1 })).status).toBe(400);
    expect((await control('PUT', 'latency', { latency: { fixedMs: -1 } })).status).toBe(400);
    expect((await control('GET', 'nothing')).status).toBe(404);
    expect((await control('GET', 'prompts')).status).toBe(404);
  });

  it('set delays', async () => {
    await start();
    await control('PUT', 'latency', { provider: 'openai', latency: { fixedMs: 80 } });
    const started = performance.now();
    await chat();
    expect(performance.now() - started).toBeGreaterThan(75);
  });

  it('enforce rate limits with 429 and Retry-After', async () => {
    await start();
    await control('PUT', 'limits', [{ provider: 'openai', requestsPerMinute: 2 }]);
    const statuses = [await chat(), await chat(), await chat()];
    expect(statuses.map((response) => response.status)).toEqual([200, 200, 429]);
    expect(Number(statuses[2]?.headers.get('retry-after'))).toBeGreaterThan(50);
    expect((await chat({ ...CHAT, model: 'gpt-4o' })).status).toBe(200);
    expect(simulator?.bill()).toHaveLength(3);
  });

  it('tell the prompts seen only when the simulator was started to keep them', async () => {
    await start({ keepPrompts: true });
    await chat();
    expect(await (await control('GET', 'prompts')).json()).toEqual({ prompts: ['Explain particles'] });
  });
});

describe('the door', () => {
  it('refuses a call without a key or with a revoked one', async () => {
    await start();
    expect((await chat(CHAT, { authorization: '' })).status).toBe(401);
    expect((await chat(CHAT, { authorization: 'Bearer revoked-key' })).status).toBe(401);
    expect((await fetch(`${simulator?.url}/openai/v1/models`)).status).toBe(401);
  });

  it('refuses parameters that the vendor does not take, in the shape of the vendor', async () => {
    await start();
    const unknown = await chat({ ...CHAT, tempreature: 1 });
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
    expect((await chat({ ...CHAT, temperature: 0.5 })).status).toBe(400);
    expect((await chat({ ...CHAT, model: 'gpt-4o', temperature: 0.5 })).status).toBe(200);
    const claude = await fetch(`${simulator?.url}/claude/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': 'key' },
      body: JSON.stringify({ ...CHAT, model: 'claude-haiku-5-5', max_tokens: 100, temperature: 1 }),
    });
    expect(claude.status).toBe(400);
    expect(await claude.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });

  it('answers 400 to what is not JSON and 404 to what it does not emulate', async () => {
    await start();
    const notJson = await fetch(`${simulator?.url}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: '{',
    });
    expect(notJson.status).toBe(400);
    expect((await fetch(`${simulator?.url}/openai/v1/nothing`)).status).toBe(404);
    expect((await fetch(`${simulator?.url}/`)).status).toBe(404);
  });

  it('closes although calls hang', async () => {
    await start();
    const hanging = chat(CHAT, { 'x-simulator-fault': 'hang' }).catch((error: unknown) => error);
    await expect.poll(() => simulator?.control().calls().length).toBe(1);
    await simulator?.close();
    simulator = undefined;
    expect(await hanging).toBeInstanceOf(Error);
  });
});
