import { wavHeader } from '@ai-core/core';

/** @param pcm headerless samples as the format pcm has them; none stay none, so that an empty answer is seen for what it is */
export function toWav(pcm: Uint8Array): Uint8Array {
  return pcm.length === 0 ? pcm : Buffer.concat([wavHeader(pcm.length), pcm]);
}
