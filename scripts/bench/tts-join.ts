import { createHash } from 'node:crypto';
import { joinMp3Stream, planMp3Join } from '@ai-core/core';
import { median, type Bench } from './bench.ts';

const PARTS = 60;
const QUICK_PARTS = 15;
const ROUNDS = 5;
/** A minute of MPEG 1, layer III, 128 kbit/s, 44.1 kHz: frames of 417 bytes. */
const FRAMES_OF_A_MINUTE = 2_297;
const GOAL = 0.4;

function makePart(): Uint8Array {
  const frame = Buffer.alloc(417, 0x55);
  frame.set([0xff, 0xfb, 0x90, 0xc4]);
  return Buffer.concat(Array.from({ length: FRAMES_OF_A_MINUTE }, () => frame));
}

async function measureMs(work: () => Promise<void>): Promise<number> {
  const since = performance.now();
  await work();
  return performance.now() - since;
}

/** An hour of speech as the worker joins it, measured and then written piece by piece, against the hash of the same bytes, which has to be taken anyway. */
export const ttsJoin: Bench = {
  about: 'joining an hour of speech in 60 parts, against SHA-256 of its bytes',
  async run({ quick }) {
    const part = makePart();
    const parts = Array.from({ length: quick ? QUICK_PARTS : PARTS }, () => part);
    const megabytes = (parts.length * part.length) / 1e6;
    const joins: number[] = [];
    const hashes: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      joins.push(
        await measureMs(async () => {
          const plan = await planMp3Join(parts);
          let bytes = 0;
          for await (const piece of joinMp3Stream(plan, parts)) bytes += piece.length;
          if (bytes !== plan.bytes) throw new Error(`the join has ${bytes} bytes, planned were ${plan.bytes}`);
        }),
      );
      hashes.push(
        await measureMs(async () => {
          const digest = createHash('sha256');
          for (const bytes of parts) digest.update(bytes);
          digest.digest();
        }),
      );
    }
    const ours = megabytes / (median(joins) / 1_000);
    const yardstick = megabytes / (median(hashes) / 1_000);
    const ratio = ours / yardstick;
    return [{ bench: 'tts-join', ours, yardstick, ratio, unit: 'MB/s', goal: `at least ${GOAL} of SHA-256`, met: ratio >= GOAL }];
  },
};
