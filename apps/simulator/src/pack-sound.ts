/** Samples packed into the forms that vendors send. WAV and FLAC hold the sound; Opus and AAC, which nothing here encodes, hold as much silence. */
import { crc16, crc8, PCM_RATE, PCM_SAMPLE_BYTES, wavHeader } from '@ai-core/core';

export type Packing = 'wav' | 'flac' | 'opus' | 'aac';

const FLAC_BLOCK = 4_096;
/** 24 kHz in FLAC's table of rates, mono, 16 bits a sample. */
const FLAC_RATE_CODE = 7;
const FLAC_FORMAT = 0x08;
/** A subframe whose samples stand as they are. */
const FLAC_VERBATIM = 0x02;

function codedNumber(number: number): number[] {
  if (number < 0x80) return [number];
  if (number < 0x800) return [0xc0 | (number >> 6), 0x80 | (number & 0x3f)];
  return [0xe0 | (number >> 12), 0x80 | ((number >> 6) & 0x3f), 0x80 | (number & 0x3f)];
}

function flacFrame(samples: Buffer, number: number): Buffer {
  const count = samples.length / PCM_SAMPLE_BYTES - 1;
  const head = [0xff, 0xf8, 0x70 | FLAC_RATE_CODE, FLAC_FORMAT, ...codedNumber(number), count >> 8, count & 0xff];
  const frame = Buffer.concat([Buffer.from([...head, crc8(Buffer.from(head)), FLAC_VERBATIM]), Buffer.from(samples).swap16()]);
  const sum = crc16(frame);
  return Buffer.concat([frame, Buffer.from([sum >> 8, sum & 0xff])]);
}

/** Without its number of samples, as a vendor who streams sends it. */
function toFlac(pcm: Buffer): Buffer {
  const info = Buffer.alloc(38);
  info.set([0x80, 0, 0, 34]);
  info.writeUInt16BE(FLAC_BLOCK, 4);
  info.writeUInt16BE(FLAC_BLOCK, 6);
  info.writeUInt32BE((PCM_RATE << 12) | (15 << 4), 14);
  const block = FLAC_BLOCK * PCM_SAMPLE_BYTES;
  const frames = Array.from({ length: Math.ceil(pcm.length / block) }, (_, number) =>
    flacFrame(pcm.subarray(number * block, (number + 1) * block), number),
  );
  return Buffer.concat([Buffer.from('fLaC'), info, ...frames]);
}

const AAC_SAMPLES = 1_024;
/** A frame of AAC-LC that says nothing, mono. */
const AAC_SILENCE = [0x00, 0xc8, 0x00, 0x80, 0x23, 0x80];

function toAac(pcm: Buffer): Buffer {
  const length = AAC_SILENCE.length + 7;
  // MPEG-4, no checksum; AAC-LC at 24 kHz, mono.
  const frame = Buffer.from([
    0xff,
    0xf1,
    0x58,
    0x40 | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc,
    ...AAC_SILENCE,
  ]);
  return Buffer.concat(Array.from({ length: Math.ceil(pcm.length / PCM_SAMPLE_BYTES / AAC_SAMPLES) }, () => frame));
}

const OPUS_RATE = 48_000;
const OPUS_PRE_SKIP = 312;
const OPUS_FRAME = 960;
/** A packet of 20 ms whose frame is empty: silence. */
const OPUS_SILENCE = 0x08;
const PACKETS_OF_PAGE = 50;

function oggPage(packets: readonly Buffer[], { position, sequence, flags }: { position: number; sequence: number; flags: number }): Buffer {
  const head = Buffer.alloc(27);
  head.write('OggS');
  head[5] = flags;
  head.writeBigUInt64LE(BigInt(position), 6);
  head.writeUInt32LE(0x61_69_63_6f, 14);
  head.writeUInt32LE(sequence, 18);
  head[26] = packets.length;
  const page = Buffer.concat([head, Buffer.from(packets.map((packet) => packet.length)), ...packets]);
  page.writeUInt32LE(oggChecksum(page), 22);
  return page;
}

function oggChecksum(page: Buffer): number {
  let value = 0;
  for (const byte of page) {
    value ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) value = value & 0x8000_0000 ? (value << 1) ^ 0x04c1_1db7 : value << 1;
  }
  return value >>> 0;
}

function toOpus(pcm: Buffer): Buffer {
  const head = Buffer.alloc(19);
  head.write('OpusHead');
  head.set([1, 1], 8);
  head.writeUInt16LE(OPUS_PRE_SKIP, 10);
  head.writeUInt32LE(OPUS_RATE, 12);
  const tags = Buffer.concat([Buffer.from('OpusTags'), Buffer.alloc(8)]);
  const pages = [oggPage([head], { position: 0, sequence: 0, flags: 2 }), oggPage([tags], { position: 0, sequence: 1, flags: 0 })];
  const samples = (pcm.length / PCM_SAMPLE_BYTES) * (OPUS_RATE / PCM_RATE);
  const packets = Math.ceil((samples + OPUS_PRE_SKIP) / OPUS_FRAME);
  for (let at = 0; at < packets; at += PACKETS_OF_PAGE) {
    const count = Math.min(PACKETS_OF_PAGE, packets - at);
    const isLast = at + count === packets;
    const position = isLast ? samples + OPUS_PRE_SKIP : (at + count) * OPUS_FRAME;
    const silence = Array.from({ length: count }, () => Buffer.from([OPUS_SILENCE]));
    pages.push(oggPage(silence, { position, sequence: pages.length, flags: isLast ? 4 : 0 }));
  }
  return Buffer.concat(pages);
}

const PACKERS: Readonly<Record<Packing, (pcm: Buffer) => Uint8Array>> = {
  wav: (pcm) => Buffer.concat([wavHeader(pcm.length), pcm]),
  flac: toFlac,
  aac: toAac,
  opus: toOpus,
};

/** @param pcm signed 16-bit little-endian samples at 24 kHz, one channel */
export function packSound(pcm: Uint8Array, packing: Packing): Uint8Array {
  return PACKERS[packing](Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength));
}
