import { createHash, randomUUID } from 'node:crypto';
import { checkSound, FORMAT_FACTS, speaksFormat, SPEECH_FORMATS, type ProviderName } from '@ai-core/core';
import type { Gateway } from '@ai-core/gateway';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIO_ROLES, startFleet, type Fleet } from './fleet.ts';
import { callHttp } from './http-client.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('speech over HTTP', () => {
  let fleet: Fleet;
  let gateway: Gateway;
  let key: string;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis', roles: AUDIO_ROLES, simulator: { speech: 'tiled' } });
    gateway = await fleet.openGateway();
    key = await fleet.makeKey('listener');
  });
  afterAll(() => fleet.stop());

  const bytesOf = async (path: string, init: RequestInit = {}): Promise<{ response: Response; bytes: Uint8Array }> => {
    const headers = { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string> | undefined) };
    const response = await fetch(`${gateway.url}${path}`, { ...init, headers });
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
  };

  it('answers with a link, with the bytes, and at an address that lasts; all three are the same MP3', async () => {
    const body = { text: 'Good morning, everybody.', language: 'en' };
    const answer = await callHttp(`${gateway.url}/v1/audio`, { key, body });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ source: 'provider', seconds: expect.any(Number), sha256: expect.any(String) });
    const linked = new Uint8Array(await (await fetch(String(answer.body['audio_url']))).arrayBuffer());
    expect(sha256(linked)).toBe(answer.body['sha256']);
    const sent = await bytesOf('/v1/audio', {
      method: 'POST',
      headers: { accept: 'audio/mpeg', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(sent.response.headers.get('content-type')).toBe('audio/mpeg');
    expect(sent.response.headers.get('x-ai-core-source')).toBe('memory');
    expect(sha256(sent.bytes)).toBe(answer.body['sha256']);
    const lasting = await bytesOf(`/v1/audio/${String(answer.body['memory_id'])}`);
    expect(sha256(lasting.bytes)).toBe(answer.body['sha256']);
    expect(lasting.response.headers.get('accept-ranges')).toBe('bytes');

    const etag = lasting.response.headers.get('etag') ?? '';
    const path = `/v1/audio/${String(answer.body['memory_id'])}`;
    expect((await bytesOf(path, { headers: { 'if-none-match': etag } })).response.status).toBe(304);
    for (const [range, expected] of [
      ['bytes=0-99', linked.subarray(0, 100)],
      [`bytes=${linked.length - 50}-`, linked.subarray(-50)],
      ['bytes=-7', linked.subarray(-7)],
    ] as const) {
      const part = await bytesOf(path, { headers: { range } });
      expect(part.response.status).toBe(206);
      expect(part.response.headers.get('content-range')).toMatch(new RegExp(`^bytes \\d+-\\d+/${linked.length}$`));
      expect(part.bytes).toEqual(expected);
    }
    expect((await bytesOf(path, { headers: { range: `bytes=${linked.length}-` } })).response.status).toBe(416);
    expect((await bytesOf(path, { headers: { range: 'bytes=0-1,5-6' } })).bytes).toHaveLength(linked.length);
  });

  it('can be asked for without waiting, and its job then has the link and the bytes', async () => {
    const pending = await callHttp(`${gateway.url}/v1/audio`, { key, body: { text: 'お元気ですか。', language: 'ja', wait_s: 0 } });
    expect(pending.status).toBe(202);
    const status = `${String(pending.body['status_url'])}&wait_s=20`;
    const done = await callHttp(`${gateway.url}${status}`, { key });
    expect(done.body).toMatchObject({ audio_url: expect.any(String), sha256: expect.any(String) });
    const { bytes } = await bytesOf(status, { headers: { accept: 'audio/mpeg' } });
    expect(sha256(bytes)).toBe(done.body['sha256']);
  });

  it("with personal data is nobody else's: another key finds neither the job nor the memory", async () => {
    const body = { text: 'Please call erin@example.org today.', language: 'en' };
    const answer = await callHttp(`${gateway.url}/v1/audio`, { key, body });
    expect(answer.status).toBe(200);
    const stranger = await fleet.makeKey('stranger');
    const { rows } = await fleet.database.pool.query<{ id: string }>('select id from ai_memory where job_id = $1', [answer.body['job_id']]);
    for (const { id } of rows) expect((await callHttp(`${gateway.url}/v1/audio/${id}`, { key: stranger })).status).toBe(404);
    expect((await callHttp(`${gateway.url}/v1/jobs/${String(answer.body['job_id'])}`, { key: stranger })).status).toBe(404);
  });

  it('comes to the official OpenAI client as it would from OpenAI', async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 });
    const body = { model: 'auto', voice: 'auto', input: `Hello from the client ${randomUUID()}` } as const;
    const first = await client.audio.speech.create(body);
    const second = await client.audio.speech.create(body);
    expect([first.headers.get('x-ai-core-source'), second.headers.get('x-ai-core-source')]).toEqual(['provider', 'memory']);
    const [one, two] = [new Uint8Array(await first.arrayBuffer()), new Uint8Array(await second.arrayBuffer())];
    expect(one.length).toBeGreaterThan(1_000);
    expect(two).toEqual(one);
    const pinned = await client.audio.speech.create({ ...body, model: 'gpt-4o-mini-tts', voice: 'alloy' });
    expect(pinned.headers.get('x-ai-core-provider')).toBe('openai');
    const list = await client.models.list({ query: { kind: 'audio' } });
    expect(list.data.map((model) => model.owned_by)).toContain('elevenlabs');
  });

  it('comes in every format there is, each an answer of its own with its own name and type, chosen among the engines that have it', async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 });
    const body = { model: 'auto', voice: 'auto', input: `Format ${randomUUID()}` } as const;
    const before = fleet.simulator.bill().length;
    for (const format of SPEECH_FORMATS) {
      // Among the engines that are configured nobody has them.
      const model = format === 'aac' || format === 'flac' ? 'openai/gpt-4o-mini-tts' : 'auto';
      const asked = { ...body, model, response_format: format };
      const [first, second] = [await client.audio.speech.create(asked), await client.audio.speech.create(asked)];
      expect([first.headers.get('x-ai-core-source'), second.headers.get('x-ai-core-source')]).toEqual(['provider', 'memory']);
      expect(speaksFormat(first.headers.get('x-ai-core-provider') as ProviderName, format)).toBe(true);
      expect([first.headers.get('content-type'), second.headers.get('content-type')]).toEqual(
        Array(2).fill(FORMAT_FACTS[format].contentType),
      );
      const bytes = new Uint8Array(await first.arrayBuffer());
      expect(new Uint8Array(await second.arrayBuffer())).toEqual(bytes);
      expect(checkSound(bytes, format, { text: body.input, language: 'en' }).problem).toBeNull();
      const memoryId = first.headers.get('x-ai-core-memory-id') ?? '';
      const { rows } = await fleet.database.pool.query('select audio_format, generated_audio_file from ai_memory where id = $1', [
        memoryId,
      ]);
      expect(rows).toEqual([
        { audio_format: format, generated_audio_file: expect.stringMatching(new RegExp(`/${sha256(bytes)}\\.${format}$`)) },
      ]);
      const lasting = await bytesOf(`/v1/audio/${memoryId}`);
      expect(lasting.response.headers.get('content-type')).toBe(FORMAT_FACTS[format].contentType);
    }
    expect(fleet.simulator.bill().length - before).toBe(SPEECH_FORMATS.length);
    const own = await callHttp(`${gateway.url}/v1/audio`, { key, body: { text: body.input, language: 'en', format: 'wav' } });
    expect(own.body).toMatchObject({ cached: true, format: 'wav' });
    const flac = { text: 'No', language: 'en', format: 'flac', provider: 'elevenlabs' };
    const refused = await callHttp(`${gateway.url}/v1/audio`, { key, body: flac });
    expect([refused.status, refused.text]).toEqual([400, expect.stringMatching(/elevenlabs.*as mp3, opus, wav, pcm/)]);
    await expect(client.audio.speech.create({ ...body, response_format: 'ogg' as 'opus' })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });

  it('of a long text is one file in every format that can be joined, and refused in the others', async () => {
    const text = 'This is a sentence of a lesson that goes on for quite a while. '.repeat(190);
    const ask = (format: string) =>
      callHttp(`${gateway.url}/v1/audio`, { key, body: { text, language: 'en', format, provider: 'google_tts' } });
    const [wav, opus] = await Promise.all([ask('wav'), ask('opus')]);
    expect(wav.body).toMatchObject({ format: 'wav', source: 'provider' });
    const bytes = new Uint8Array(await (await fetch(String(wav.body['audio_url']))).arrayBuffer());
    expect(bytes.length).toBe(wav.body['bytes']);
    expect(checkSound(bytes, 'wav', { text, language: 'en' })).toEqual({
      seconds: expect.closeTo(Number(wav.body['seconds']), 3),
      problem: null,
    });
    expect([opus.status, opus.text]).toEqual([400, expect.stringMatching(/parts of opus cannot be joined; ask for mp3, wav, pcm/)]);
  });
});
