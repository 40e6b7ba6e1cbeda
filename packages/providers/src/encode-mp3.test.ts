import { summariseMp3 } from '@ai-core/core';
import { describe, expect, it } from 'vitest';
import { encodeMp3 } from './encode-mp3.ts';

/** A tone as signed 16-bit samples. */
function tone(seconds: number, sampleRate: number): Uint8Array {
  const pcm = Buffer.alloc(Math.floor(seconds * sampleRate) * 2);
  for (let index = 0; index * 2 < pcm.length; index += 1)
    pcm.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * 440 * index) / sampleRate)), index * 2);
  return pcm;
}

describe('encodeMp3', () => {
  it.for([8_000, 24_000, 44_100])('makes an MP3 of the same length of samples at %s Hz', async (sampleRate) => {
    const measure = summariseMp3(await encodeMp3(tone(2.5, sampleRate), sampleRate));
    expect(measure?.seconds).toBeGreaterThan(2.45);
    expect(measure?.seconds).toBeLessThan(2.8);
  });

  it('lets other work have its turn while it encodes', async () => {
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 1);
    await encodeMp3(tone(20, 24_000), 24_000);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(5);
  });

  it('refuses a sample rate that MP3 does not have', async () => {
    await expect(encodeMp3(tone(0.1, 24_000), 24_001)).rejects.toThrow('24001 Hz');
  });
});
