import { parseBuffer } from 'music-metadata';
import { afterAll, describe, expect, it } from 'vitest';
import { MP3_ENCODING, PCM_ENCODING, secondsToSay, type Utterance } from '../speech.ts';
import { spokenSpeech } from './spoken.ts';
import { tiledSpeech } from './tiled.ts';

const ENGINES = { spoken: spokenSpeech(), tiled: tiledSpeech() };
afterAll(() => Promise.all(Object.values(ENGINES).map((engine) => engine.close())));

function utterance(changes: Partial<Utterance> = {}): Utterance {
  return {
    text: 'Welcome to lesson five. Today we learn how to count to ten.',
    language: 'en',
    voice: 'Lily',
    speed: 1,
    encoding: MP3_ENCODING,
    ...changes,
  };
}

/** Loudness of the loudest sample, 0 to 1. */
function peak(pcm: Uint8Array): number {
  const view = Buffer.from(pcm);
  let loudest = 0;
  for (let at = 0; at + 1 < view.length; at += 2) loudest = Math.max(loudest, Math.abs(view.readInt16LE(at)) / 32_768);
  return loudest;
}

/** The first Japanese sentence loads a dictionary, and other tests may run beside this one. */
const PATIENCE = { timeout: 60_000 };

describe.each(['spoken', 'tiled'] as const)('the %s engine', PATIENCE, (name) => {
  const engine = ENGINES[name];

  it.for([
    ['English', 'en', 'Welcome to lesson five. Today we learn how to count to ten.'],
    ['Japanese with kanji', 'ja', 'ようこそ。今日は日本語の数え方を勉強しましょう。'],
  ])('makes an MP3 of about the right length of %s', async ([, language, text]) => {
    const spoken = utterance({ language, text });
    const { format } = await parseBuffer(await engine.speak(spoken), 'audio/mpeg', { duration: true });
    expect(format).toMatchObject({ container: 'MPEG', codec: 'MPEG 1 Layer 3', sampleRate: 44_100, numberOfChannels: 1, bitrate: 128_000 });
    expect(format.duration).toBeGreaterThan(secondsToSay(spoken) * 0.6);
    expect(format.duration).toBeLessThan(secondsToSay(spoken) * 1.6);
  });

  it('can be heard', async () => {
    expect(peak(await engine.speak(utterance({ encoding: PCM_ENCODING })))).toBeGreaterThan(0.2);
  });

  it('makes the same bytes of the same utterance, and others of another text or voice', async () => {
    const first = await engine.speak(utterance());
    expect(Buffer.compare(await engine.speak(utterance()), first)).toBe(0);
    expect(
      Buffer.compare(await engine.speak(utterance({ text: 'Welcome to lesson six. Today we learn how to count to ten.' })), first),
    ).not.toBe(0);
    expect(Buffer.compare(await engine.speak(utterance({ voice: 'Brian' })), first)).not.toBe(0);
  });

  it('speaks faster when it is told to', async () => {
    const [normal, fast] = [await engine.speak(utterance()), await engine.speak(utterance({ speed: 1.5 }))];
    expect(fast.length / normal.length).toBeGreaterThan(0.55);
    expect(fast.length / normal.length).toBeLessThan(0.85);
  });
});

describe('the spoken engine', PATIENCE, () => {
  it('reads kanji as they are read, and not as Chinese letters', async () => {
    const kanji = await ENGINES.spoken.speak(utterance({ language: 'ja', text: '今日' }));
    const kana = await ENGINES.spoken.speak(utterance({ language: 'ja', text: 'キョー' }));
    expect(Buffer.compare(kanji, kana)).toBe(0);
  });
});
