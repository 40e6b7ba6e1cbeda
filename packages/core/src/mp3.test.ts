import fc from 'fast-check';
import { parseBuffer } from 'music-metadata';
import { createMp3Encoder } from 'wasm-media-encoders';
import { describe, expect, it } from 'vitest';
import { checkMp3 } from './mp3/check-mp3.ts';
import { readFrame } from './mp3/frame.ts';
import { joinMp3, joinMp3Stream, planMp3Join } from './mp3/join-mp3.ts';
import { walkMp3 } from './mp3/walk-mp3.ts';
import { summariseMp3 } from './mp3.ts';

/** Headers: 44.1 kHz 128 kbit/s stereo, the same at 64 kbit/s, mono, 24 kHz 64 kbit/s mono (MPEG 2), 12 kHz 32 kbit/s mono (MPEG 2.5). */
const HEADERS = {
  stereo: [0xff, 0xfb, 0x90, 0x04],
  stereo64: [0xff, 0xfb, 0x50, 0x04],
  mono: [0xff, 0xfb, 0x90, 0xc4],
  mpeg2: [0xff, 0xf3, 0x84, 0xc4],
  mpeg25: [0xff, 0xe3, 0x44, 0xc4],
} as const;
type Format = keyof typeof HEADERS;

function frame(format: Format, fill = 0x55): Uint8Array {
  const header = Uint8Array.from(HEADERS[format]);
  const bytes = readFrame(header, 0)?.bytes ?? 0;
  const whole = new Uint8Array(bytes).fill(fill);
  whole.set(header);
  return whole;
}

function sound(format: Format, count: number, fill?: number): Uint8Array {
  return Buffer.concat(Array.from({ length: count }, () => frame(format, fill)));
}

function infoFrame(mark: 'Xing' | 'Info' | 'VBRI'): Uint8Array {
  const whole = frame('stereo', 0);
  whole.set(Buffer.from(mark, 'latin1'), 36);
  return whole;
}

const text = (content: string): Uint8Array => Buffer.from(content, 'latin1');
const ID3V2 = Buffer.concat([text('ID3\u0004\u0000\u0000\u0000\u0000\u0001\u0000'), sound('mono', 1).subarray(0, 128)]);
const ID3V2_WITH_FOOTER = Buffer.concat([text('ID3\u0004\u0000\u0010\u0000\u0000\u0000\u0004'), Buffer.alloc(4), Buffer.alloc(10, 1)]);
const ID3V1 = Buffer.concat([text('TAG'), Buffer.alloc(125, 32)]);

function ape(parts: 'header and footer' | 'footer'): Uint8Array {
  const items = Buffer.alloc(20, 7);
  const block = (flags: number): Buffer => {
    const bytes = Buffer.alloc(32);
    bytes.write('APETAGEX', 'latin1');
    bytes.writeUInt32LE(2_000, 8);
    bytes.writeUInt32LE(items.length + 32, 12);
    bytes.writeUInt32LE(flags, 20);
    return bytes;
  };
  return parts === 'footer' ? Buffer.concat([items, block(0)]) : Buffer.concat([block(0xa000_0000), items, block(0x8000_0000)]);
}

/** A real MP3 of a tone, as speech providers make them: constant bit rate. */
async function encoded(seconds: number, { sampleRate = 44_100 as const, kilobits = 64 as 64 | 128 } = {}): Promise<Uint8Array> {
  const encoder = await createMp3Encoder();
  encoder.configure({ sampleRate, channels: 1, bitrate: kilobits });
  const wave = Float32Array.from({ length: seconds * sampleRate }, (_, index) => Math.sin(index / 16) / 3);
  return Buffer.concat([encoder.encode([wave]).slice(), encoder.finalize().slice()]);
}

function nothingLost(file: Uint8Array): boolean {
  let at = 0;
  for (const piece of walkMp3(file)) {
    if (piece.at !== at || piece.bytes < 1) return false;
    at += piece.bytes;
  }
  return at === file.length;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

describe('summariseMp3', () => {
  it.for([
    ['stereo', 1_152, 44_100, 2, 417],
    ['mono', 1_152, 44_100, 1, 417],
    ['mpeg2', 576, 24_000, 1, 192],
    ['mpeg25', 576, 12_000, 1, 192],
  ] as const)('measures %s frames', ([format, samples, sampleRate, channels, bytes]) => {
    expect(summariseMp3(sound(format, 50))).toEqual({
      frames: 50,
      bytes: 50 * bytes,
      seconds: expect.closeTo((50 * samples) / sampleRate, 9),
      sampleRate,
      channels,
      bitrate: Math.round((bytes * 8 * sampleRate) / samples),
      constant: true,
    });
  });

  it.for([
    ['an ID3v2 tag, with what looks like sound in it', ID3V2],
    ['an ID3v2 tag with footer', ID3V2_WITH_FOOTER],
    ['an ID3v1 tag', ID3V1],
    ['an APE tag', ape('header and footer')],
    ['an APE tag that has only a footer', ape('footer')],
    ['a Xing frame', infoFrame('Xing')],
    ['an Info frame', infoFrame('Info')],
    ['a VBRI frame', infoFrame('VBRI')],
    ['zeros', Buffer.alloc(77)],
  ] as const)('does not count %s before, between or after the sound', ([, extra]) => {
    const file = Buffer.concat([extra, sound('stereo', 5), extra, sound('stereo', 5), extra]);
    expect(summariseMp3(file)).toEqual(summariseMp3(sound('stereo', 10)));
    expect([...walkMp3(file)].map(({ kind }) => kind)).not.toContain('stray');
  });

  it('knows a variable bit rate', () => {
    expect(summariseMp3(Buffer.concat([sound('stereo', 3), sound('stereo64', 3)]))).toMatchObject({ frames: 6, constant: false });
  });

  it('agrees with another reader about encoded sound', async () => {
    const file = await encoded(3);
    const { format } = await parseBuffer(file, undefined, { duration: true });
    expect(summariseMp3(file)?.seconds).toBeCloseTo(format.duration ?? 0, 3);
  });

  it('finds nothing in something else', () => {
    expect(summariseMp3(text('{"detail": "quota exceeded"}'))).toBeNull();
    expect(summariseMp3(new Uint8Array())).toBeNull();
  });

  it('accounts for every byte of whatever it is given', () => {
    const pieces = [sound('stereo', 2), sound('mpeg2', 1), ID3V2, ID3V1, ape('footer'), infoFrame('Xing'), text('<html>'), Buffer.alloc(9)];
    const file = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.uint8Array({ maxLength: 40 })), { maxLength: 8 });
    fc.assert(fc.property(file, fc.nat(300), (parts, cut) => nothingLost(Buffer.concat(parts).subarray(cut))));
  });
});

describe('joinMp3', () => {
  const parts = [
    Buffer.concat([ID3V2, infoFrame('Info'), sound('stereo', 7, 1), ID3V1]),
    Buffer.concat([infoFrame('Xing'), sound('stereo64', 5, 2), ape('header and footer')]),
    sound('stereo', 9, 3),
  ];

  it('keeps every frame of sound in order and nothing else, behind one header', () => {
    const joined = joinMp3(parts);
    const kinds = [...walkMp3(joined)].map(({ kind }) => kind);
    expect(kinds).toEqual(['info', ...Array.from({ length: 21 }, () => 'sound')]);
    const frames = Buffer.concat([sound('stereo', 7, 1), sound('stereo64', 5, 2), sound('stereo', 9, 3)]);
    expect(Buffer.from(joined.slice(-frames.length)).equals(frames)).toBe(true);
  });

  it.for([
    ['Info', [sound('mono', 40)]],
    ['Xing', [sound('stereo', 40), sound('stereo64', 40)]],
  ] as const)('writes an %s header that is right to the frame and the byte', ([mark, files]) => {
    const joined = Buffer.from(joinMp3(files));
    const at = joined.indexOf(mark, 0, 'latin1');
    const frames = files.length * 40;
    expect(at).toBeLessThan(50);
    expect([joined.readUInt32BE(at + 8), joined.readUInt32BE(at + 12)]).toEqual([frames, joined.length]);
    const offsets = [...walkMp3(joined)].filter(({ kind }) => kind === 'sound').map((piece) => piece.at);
    for (let percent = 0; percent < 100; percent += 1) {
      const wanted = offsets[Math.floor((percent * frames) / 100)] ?? 0;
      expect(joined[at + 16 + percent]).toBe(Math.min(255, Math.floor((wanted * 256) / joined.length)));
    }
  });

  it('seeks within half a percent in a file of many thousand frames', async () => {
    const part = sound('mpeg25', 500);
    const file = Buffer.from(joinMp3(Array.from({ length: 100 }, () => part)));
    const table = file.subarray(file.indexOf('Info', 0, 'latin1') + 16).subarray(0, 100);
    for (const [percent, entry] of table.entries()) expect(Math.abs(entry / 256 - percent / 100)).toBeLessThan(0.006);
  });

  it('gives files whose header says the length that they play, also to another reader', async () => {
    const files = [await encoded(2), await encoded(1.5), await encoded(0.5, { kilobits: 128 })];
    const joined = joinMp3(files);
    const seconds = files.reduce((sum, file) => sum + (summariseMp3(file)?.seconds ?? 0), 0);
    expect(summariseMp3(joined)?.seconds).toBeCloseTo(seconds, 6);
    const { format } = await parseBuffer(joined, undefined, { duration: false });
    expect(format).toMatchObject({ sampleRate: 44_100, numberOfChannels: 1 });
    expect(Math.abs((format.duration ?? 0) - seconds)).toBeLessThan(0.05);
  });

  it('joins what it has joined to the same file', () => {
    const once = joinMp3(parts);
    expect(joinMp3([once])).toEqual(once);
    expect(joinMp3([joinMp3(parts.slice(0, 1)), joinMp3(parts.slice(1))])).toEqual(once);
  });

  it('refuses parts of different rates or channels, and names the part', () => {
    expect(() => joinMp3([sound('mono', 2), sound('mpeg2', 2)])).toThrow(/part 2 .* 24000 Hz mono, the first one 44100 Hz mono/);
    expect(() => joinMp3([sound('stereo', 2), sound('stereo', 2), sound('mono', 2)])).toThrow(
      /part 3 .* mono, the first one 44100 Hz stereo/,
    );
  });

  it('refuses a part without sound instead of leaving it out', () => {
    expect(() => joinMp3([sound('mono', 2), text('{}')])).toThrow('PROVIDER_BAD_ANSWER: part 2');
    expect(() => joinMp3([])).toThrow('PROVIDER_BAD_ANSWER');
  });

  it('streams the same file in two passes', async () => {
    const plan = await planMp3Join(parts);
    const streamed = await collect(joinMp3Stream(plan, parts));
    expect(Buffer.from(streamed).equals(Buffer.from(joinMp3(parts)))).toBe(true);
    expect(streamed.length).toBe(plan.bytes);
    expect(plan.summary).toEqual(summariseMp3(streamed));
  });

  it('holds one part at a time, however many there are', async () => {
    let living = 0;
    let most = 0;
    async function* read(): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < 300; index += 1) {
        living += 1;
        most = Math.max(most, living);
        yield await Promise.resolve(sound('mono', 3));
        living -= 1;
      }
    }
    const plan = await planMp3Join(read());
    let bytes = 0;
    for await (const chunk of joinMp3Stream(plan, read())) bytes += chunk.length;
    expect([bytes, plan.summary.frames, most]).toEqual([plan.bytes, 900, 1]);
  });

  it('notices when the second pass reads something else than the first', async () => {
    const plan = await planMp3Join(parts);
    await expect(collect(joinMp3Stream(plan, parts.slice(1)))).rejects.toThrow('part 1 of the speech changed');
    await expect(collect(joinMp3Stream(plan, parts.slice(0, 2)))).rejects.toThrow('3 parts of speech were to be joined, 2 came');
    await expect(collect(joinMp3Stream(plan, [...parts, sound('mono', 1)]))).rejects.toThrow('part 4 of the speech changed');
  });
});

describe('checkMp3', () => {
  /** Two seconds of speech, some 80 frames. */
  const spoken = { text: 'Welcome to lesson five, everyone.', language: 'en' };
  const good = Buffer.concat([ID3V2, infoFrame('Info'), sound('mono', 80), ID3V1]);

  it('has nothing against a whole file of a fitting length', () => {
    expect(checkMp3(good, spoken)).toBeNull();
    expect(checkMp3(joinMp3([good, good]), spoken)).toBeNull();
  });

  it.for([
    ['empty', new Uint8Array(), '0 bytes'],
    ['not-mp3', text('{"error":{"message":"overloaded"}}'), 'JSON'],
    ['not-mp3', text('<!doctype html><title>502 Bad Gateway</title>'), 'HTML'],
    ['not-mp3', text('RIFF\u0000\u0000\u0000\u0000WAVEfmt '), 'WAV'],
    ['not-mp3', Buffer.alloc(4_000), 'something else'],
    ['damaged', Buffer.concat([sound('mono', 80), text('{"detail":"internal error"}')]), '27 bytes'],
    ['damaged', Buffer.concat([sound('mono', 40), Buffer.alloc(200, 3), sound('mono', 40)]), '200 bytes'],
    ['mixed', Buffer.concat([sound('mono', 40), ID3V2, sound('mpeg2', 40)]), '44100 to 24000'],
    ['too-short', sound('mono', 5), 'a part is missing'],
    ['too-long', sound('mono', 1_000), 'more than the text'],
  ] as const)('finds audio that is %s', ([kind, bytes, reason]) => {
    expect(checkMp3(bytes, spoken)).toEqual({ kind, reason: expect.stringContaining(reason) });
  });

  it('finds a file that was cut off anywhere', () => {
    const whole = sound('mono', 80);
    const missing = fc.integer({ min: 1, max: 416 });
    fc.assert(fc.property(missing, (bytes) => checkMp3(whole.subarray(0, -bytes), spoken)?.kind === 'cut-off'));
  });

  it('takes the speed into account', () => {
    expect(checkMp3(sound('mono', 12), { ...spoken, speed: 4 })).toBeNull();
    expect(checkMp3(sound('mono', 12), spoken)?.kind).toBe('too-short');
  });

  it('never says what was to be spoken', () => {
    expect(checkMp3(sound('mono', 5), spoken)?.reason).not.toContain('Welcome');
  });
});
