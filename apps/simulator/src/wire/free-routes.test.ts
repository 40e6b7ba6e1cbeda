import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../start-simulator.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ speech: 'tiled' });
});
afterAll(() => simulator.close());

const KEYS = { authorization: 'Bearer k', 'x-api-key': 'k', 'x-goog-api-key': 'k', 'xi-api-key': 'k' };

async function ask(path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${simulator.url}${path}`, { ...request, headers: KEYS });
  return { status: response.status, body: await response.json() };
}

describe('what costs nothing', () => {
  it('is to count tokens, at each of the vendors that counts, and longer texts have more', async () => {
    const count = async (text: string): Promise<unknown[]> => [
      (await ask('/openai/v1/responses/input_tokens', { model: 'gpt-6-luna', input: text })).body,
      (await ask('/claude/v1/messages/count_tokens', { model: 'claude-haiku-5-5', messages: [{ role: 'user', content: text }] })).body,
      (await ask('/gemini/v1beta/models/gemini-3.5-flash-lite:countTokens', { contents: [{ role: 'user', parts: [{ text }] }] })).body,
    ];
    expect(await count('x'.repeat(40))).toEqual([
      { object: 'response.input_tokens', input_tokens: 10 },
      { input_tokens: 10 },
      { totalTokens: 10 },
    ]);
    expect(await count('x'.repeat(80))).toEqual([
      { object: 'response.input_tokens', input_tokens: 20 },
      { input_tokens: 20 },
      { totalTokens: 20 },
    ]);
  });

  it('is to list models, with the day they end', async () => {
    const { body } = await ask('/openai/v1/models');
    const { data } = body as { data: { id: string; shutdown_date: string | null }[] };
    expect(data.find((model) => model.id === 'tts-1')?.shutdown_date).toBe('2027-01-06');
    expect(data.find((model) => model.id === 'gpt-6-luna')?.shutdown_date).toBeNull();
  });

  it('is to look up voices', async () => {
    expect((await ask('/elevenlabs/v2/voices?search=lil')).body).toMatchObject({
      voices: [{ voice_id: 'pFZP5JQG7iQjIQuC4Bku', name: 'Lily' }],
    });
    const { body } = await ask('/google-tts/v1/voices?languageCode=ja');
    expect((body as { voices: { name: string }[] }).voices.map((voice) => voice.name)).toEqual(['ja-JP-Neural2-B', 'ja-JP-Neural2-C']);
  });

  it('is refused in the shape of the vendor when the body is wrong', async () => {
    expect(await ask('/claude/v1/messages/count_tokens', { model: 'claude-haiku-5-5', messages: [] })).toMatchObject({
      status: 400,
      body: { type: 'error', error: { type: 'invalid_request_error' } },
    });
    expect(await ask('/gemini/v1beta/models/m:countTokens', {})).toMatchObject({
      status: 400,
      body: { error: { status: 'INVALID_ARGUMENT' } },
    });
  });

  it('is never on the bill', () => {
    expect(simulator.bill()).toEqual([]);
  });
});

describe('the limits of the speech engines', () => {
  const google = (text: string) =>
    ask('/google-tts/v1/text:synthesize', {
      input: { text },
      voice: { languageCode: 'ja-JP', name: 'ja-JP-Neural2-B' },
      audioConfig: { audioEncoding: 'MP3' },
    });

  it('are counted in bytes by Google, and in characters by OpenAI and ElevenLabs', async () => {
    expect((await google('あ'.repeat(1_666))).status).toBe(200);
    expect((await google('あ'.repeat(1_667))).status).toBe(400);
    const openai = await ask('/openai/v1/audio/speech', { model: 'tts-1', voice: 'alloy', input: 'a'.repeat(4_097) });
    expect(openai.status).toBe(400);
    const elevenlabs = await ask('/elevenlabs/v1/text-to-speech/pFZP5JQG7iQjIQuC4Bku', { model_id: 'eleven_v3', text: 'a'.repeat(5_001) });
    expect(elevenlabs).toMatchObject({ status: 400, body: { detail: { status: 'max_character_limit_exceeded' } } });
  });
});
