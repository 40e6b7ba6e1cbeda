import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMp3 } from './encode-mp3.ts';
import { measureMp3 } from './measure-mp3.ts';

/** A tone as signed 16-bit samples. */
function tone(seconds: number, sampleRate: number): Uint8Array {
  const pcm = Buffer.alloc(Math.floor(seconds * sampleRate) * 2);
  for (let index = 0; index * 2 < pcm.length; index += 1)
    pcm.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * 440 * index) / sampleRate)), index * 2);
  return pcm;
}

/** MPEG 1, layer III, 128 kbit/s, 44.1 kHz, with silence for content. */
function frames(count: number): Uint8Array {
  const frame = Buffer.alloc(417);
  frame.set([0xff, 0xfb, 0x90, 0xc4]);
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

const ID3V2 = Buffer.concat([Buffer.from('ID3\u0004\u0000\u0000', 'latin1'), Buffer.from([0, 0, 1, 0]), Buffer.alloc(128)]);
const ID3V1 = Buffer.concat([Buffer.from('TAG', 'latin1'), Buffer.alloc(125, 32)]);

describe('measureMp3', () => {
  it('counts the frames of a file and adds up their length', () => {
    expect(measureMp3(frames(100))).toEqual({ frames: 100, seconds: expect.closeTo((100 * 1_152) / 44_100, 9) });
  });

  it('overlooks tags before and after the sound, and zeros at the end', () => {
    const plain = measureMp3(frames(10));
    expect(measureMp3(Buffer.concat([ID3V2, frames(10), ID3V1]))).toEqual(plain);
    expect(measureMp3(Buffer.concat([frames(10), Buffer.alloc(50)]))).toEqual(plain);
  });

  it('refuses a file that ends in the middle of a frame', () => {
    const whole = frames(10);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 416 }), (missing) => measureMp3(whole.subarray(0, whole.length - missing)) === undefined),
    );
  });

  it.for([
    ['nothing', ''],
    ['JSON', '{"detail":"something went wrong"}'],
    ['a page', '<html></html>'],
    ['a sync word alone', '\u00ff\u00fb'],
  ] as const)('refuses %s', ([, content]) => {
    expect(measureMp3(Buffer.from(content, 'latin1'))).toBeUndefined();
  });

  it('refuses sound with something else behind it', () => {
    expect(measureMp3(Buffer.concat([frames(3), Buffer.from('and then some text')]))).toBeUndefined();
  });

  it('never reads beyond what it was given, whatever that is', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => (measureMp3(bytes)?.seconds ?? 0) >= 0));
  });
});

describe('encodeMp3', () => {
  it.for([8_000, 24_000, 44_100])('makes an MP3 of the same length of samples at %s Hz', async (sampleRate) => {
    const measure = measureMp3(await encodeMp3(tone(2.5, sampleRate), sampleRate));
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
