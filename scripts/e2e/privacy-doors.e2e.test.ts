import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Gateway } from '@ai-core/gateway';
import { createLog } from '@ai-core/runtime';
import { rollUp, verifyMemory } from '@ai-core/store';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumpDatabase, dumpObjects, dumpRedis } from './dump-places.ts';
import { AUDIO_ROLES, startFleet, TEXT_ROLES, type Fleet } from './fleet.ts';
import { callHttp, type HttpAnswer, type HttpCall } from './http-client.ts';

const VALUES = 1_000;
const AT_ONCE = 20;
const MARK = /marked\.person\d+|canaryname\d+/i;
/** A webhook comes when it comes: some callers hear by one, beside all others. */
const HOOKED_EVERY = 50;
/** Speech is bought for every caller anew where there is personal data, so there is less of it. */
const SPOKEN_EVERY = 25;

interface Person {
  readonly index: number;
  readonly name: string;
  readonly email: string;
}

/** What a door was given, and what came out of it. */
type Door = (person: Person) => Promise<string>;

describe(`${VALUES} marked values through every door`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-privacy-'));
  const logFile = path.join(folder, 'gateway.log');
  const logged: string[] = [];
  const log = (fields: object, message: string): void => void logged.push(JSON.stringify([fields, message]));
  let fleet: Fleet;
  let gateway: Gateway;
  let other: Gateway;
  let key: string;
  let admin: string;
  let openai: OpenAI;
  /** Emits the path of each webhook with its body. */
  const hooks = new EventEmitter().setMaxListeners(VALUES);
  let receiver: Server;
  let hookBase: string;
  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        response.writeHead(204).end();
        hooks.emit(request.url ?? '', body);
      });
    });
    await once(receiver.listen(0, '127.0.0.1'), 'listening');
    hookBase = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    fleet = await startFleet({
      queue: 'redis',
      roles: `${TEXT_ROLES},${AUDIO_ROLES}`,
      simulator: { speech: 'tiled' },
      worker: { log: { debug: log, info: log, warn: log, error: log } },
    });
    const gatewayLog = createLog({ level: 'trace', name: 'gateway', file: logFile });
    gateway = await fleet.openGateway({ log: gatewayLog, webhooks: { hosts: ['127.0.0.1'], allowPrivate: true } });
    other = await fleet.openGateway({ log: gatewayLog });
    key = await fleet.makeKey('django');
    admin = await fleet.makeKey('admin', 'admin');
    openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 });
  });
  afterAll(async () => {
    await fleet.stop();
    receiver.closeAllConnections();
    receiver.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const call = (url: string, options: HttpCall = {}): Promise<HttpAnswer> => callHttp(url, { key, ...options });
  const promptOf = ({ index, name, email }: Person): string => `Letter ${index % 20}: Repeat exactly: ${name} <${email}>`;
  const bodyOf = (person: Person): object => ({
    request_type: 'email',
    prompt: promptOf(person),
    options: { topic: `for ${person.name}` },
    known_names: [person.name],
    user_id: person.index,
  });
  const messagesOf = (person: Person) => [
    { role: 'system' as const, content: `You write for ${person.email}` },
    { role: 'user' as const, content: promptOf(person) },
  ];
  const extras = (person: Person) => ({ headers: { 'x-ai-core-known-names': person.name } });

  const doors: Readonly<Record<string, Door>> = {
    'POST /v1/text': async (person) => (await call(`${gateway.url}/v1/text`, { body: bodyOf(person) })).text,
    'POST /v1/text, then polling at another replica': async (person) => {
      const pending = await call(`${gateway.url}/v1/text`, { body: { ...bodyOf(person), wait_s: 0, cache: 'refresh' } });
      return (await call(`${other.url}${String(pending.body['status_url'])}&wait_s=60`)).text;
    },
    'events of a job at another replica': async (person) => {
      const pending = await call(`${gateway.url}/v1/text`, { body: { ...bodyOf(person), wait_s: 0, cache: 'bypass' } });
      const events = `/v1/jobs/${String(pending.body['job_id'])}/events?request_id=${String(pending.body['request_id'])}`;
      return (await call(`${other.url}${events}`)).text;
    },
    'a repeated Idempotency-Key': async (person) => {
      const headers = { 'idempotency-key': `once-${person.index}` };
      await call(`${gateway.url}/v1/text`, { body: bodyOf(person), headers });
      return (await call(`${other.url}/v1/text`, { body: bodyOf(person), headers })).text;
    },
    'POST /v1/bulk': async (person) => {
      const headers = { 'content-type': 'application/x-ndjson' };
      const body = `${JSON.stringify({ ...bodyOf(person), cache: 'bypass' })}\n`;
      const group = await call(`${gateway.url}/v1/bulk`, { body, headers });
      const [item] = (await call(`${other.url}${String(group.body['status_url'])}`)).body['items'] as { status_url: string }[];
      return (await call(`${other.url}${String(item?.status_url)}&wait_s=60`)).text;
    },
    'chat completions': async (person) =>
      JSON.stringify(await openai.chat.completions.create({ model: 'auto', messages: messagesOf(person) }, extras(person))),
    'streamed chat completions': async (person) => {
      const stream = await openai.chat.completions.create({ model: 'auto', messages: messagesOf(person), stream: true }, extras(person));
      let text = '';
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      return text;
    },
    'the TypeScript library': async (person) =>
      (
        await fleet.aiCore.generateText({
          requestType: 'email',
          prompt: promptOf(person),
          knownNames: [person.name],
          timeoutMs: 60_000,
        })
      ).text,
    'refused requests': async (person) => {
      const answer = await call(`${gateway.url}/v1/text`, { body: { ...bodyOf(person), colour: person.email } });
      expect(answer.status).toBe(400);
      expect(answer.text).not.toMatch(MARK);
      return `${person.name} ${person.email}`;
    },
  };

  async function hearByWebhook(person: Person): Promise<string> {
    const path = `/answer/${person.index}`;
    const arrived = once(hooks, path);
    const body = { ...bodyOf(person), wait_s: 0, webhook_url: `${hookBase}${path}` };
    expect((await call(`${gateway.url}/v1/text`, { body })).status).toBeLessThan(300);
    const [text] = (await arrived) as [string];
    return text;
  }

  async function speak({ name, email, index }: Person): Promise<void> {
    const body = { text: `Good morning ${name}, you wrote from ${email}.`, language: 'en', known_names: [name] };
    const answer = await call(`${gateway.url}/v1/audio`, { body });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toMatch(MARK);
    const speech = { model: 'auto', voice: 'alloy', input: `${name}: ${email}, number ${index}` };
    const sent = await fetch(`${gateway.url}/v1/audio/speech`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-ai-core-known-names': name },
      body: JSON.stringify(speech),
    });
    expect(sent.status).toBe(200);
    expect((await sent.arrayBuffer()).byteLength).toBeGreaterThan(100);
  }

  it('come back to their own callers and are found in no table, key, object, log or export', async () => {
    const names = Object.keys(doors);
    const people = Array.from({ length: VALUES }, (_, index) => ({
      index,
      name: `Canaryname${index}x`,
      email: `marked.person${index}@canary.example.org`,
    }));
    const wrong: string[] = [];
    function judge(door: string, person: Person, text: string): void {
      const own = text.includes(person.name) || text.includes(person.email);
      const named = [...text.matchAll(/canaryname(\d+)|marked\.person(\d+)/gi)];
      const foreign = named.some((match) => Number(match[1] ?? match[2]) !== person.index);
      if (!own || foreign || /[⟦⟧]/.test(text)) wrong.push(`${door}: ${text.slice(0, 300)}`);
    }
    const hooked = people.filter(({ index }) => index % HOOKED_EVERY === 0);
    const heard = Promise.all(hooked.map(async (person) => judge('webhook', person, await hearByWebhook(person))));
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, lane) => {
        for (let index = lane; index < VALUES; index += AT_ONCE) {
          const person = people[index];
          const door = names[index % names.length] ?? '';
          if (person === undefined) continue;
          const text = (await doors[door]?.(person)) ?? '';
          judge(door, person, text);
          if (index % SPOKEN_EVERY === 0) await speak(person);
        }
      }),
    );
    await heard;
    expect(wrong).toEqual([]);

    const rated = await call(`${gateway.url}/v1/text`, { body: { request_type: 'quiz', prompt: 'Rate me' } });
    const memoryId = String(rated.body['memory_id']);
    const comment = `thanks from marked.person1@canary.example.org`;
    await call(`${gateway.url}/v1/memory/${memoryId}/rating`, { body: { user_id: 1, rating: 5, comment } });
    await rollUp(fleet.database);
    const { rows } = await fleet.database.pool.query<{ id: string }>(
      `select id from ai_memory where kind = 'text' and scope = 'shared' and is_current`,
    );
    const act = { database: fleet.database, actor: 'test', announce: async () => undefined };
    for (const { id } of rows) await verifyMemory(act, id);
    const exported = await call(`${gateway.url}/v1/training-data/export`, { key: admin });

    const places: Record<string, string> = {
      postgres: await dumpDatabase(fleet),
      redis: await dumpRedis(fleet),
      objects: await dumpObjects(fleet, async (name) => {
        const opened = await fleet.objects.get(name);
        return opened === undefined ? new Uint8Array() : Buffer.concat(await Array.fromAsync(opened.stream));
      }),
      logs: logged.join('\n') + readFileSync(logFile, 'utf8'),
      'training data': exported.text,
      usage: (await call(`${gateway.url}/v1/usage`, { key: admin })).text,
      metrics: (await call(`${gateway.url}/metrics`, { key: admin })).text,
    };
    expect(places['training data']).toContain('⟦EMAIL_1⟧');
    expect(places['logs']).toContain('/v1/chat/completions');
    expect(places['objects']?.length).toBeGreaterThan(10_000);
    for (const [place, content] of Object.entries(places)) expect(MARK.exec(content)?.[0], `found in ${place}`).toBeUndefined();
  }, 300_000);
});
