/** An MP3 out of the object store, whole or in part, so that a player can seek. */
import type { FastifyReply } from 'fastify';
import { AiCoreError } from '@ai-core/core';
import type { ByteRange, Objects } from '@ai-core/store';

export interface SoundRequest {
  readonly objects: Objects;
  /** Key in the object store. */
  readonly file: string;
  /** The Range header as it came. */
  readonly range: string | undefined;
  readonly reply: FastifyReply;
}

/** @returns the one range of a Range header; undefined for none, several or one that is not understood: then everything is sent (RFC 9110, 14.2) */
export function parseRange(header: string | undefined): ByteRange | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? undefined : { last: Number(last) };
  if (last === '') return { start: Number(first) };
  return Number(last) < Number(first) ? undefined : { start: Number(first), end: Number(last) };
}

/** @throws NOT_FOUND when the object is gone */
export async function sendSound({ objects, file, range: header, reply }: SoundRequest): Promise<FastifyReply> {
  const range = parseRange(header);
  const sound = await objects.get(file, range);
  if (sound === undefined) throw new AiCoreError('NOT_FOUND', 'the MP3 of this answer is lost; the next request makes a new one');
  reply
    .header('accept-ranges', 'bytes')
    .header('content-length', sound.bytes)
    .type(sound.contentType ?? 'audio/mpeg');
  if (range !== undefined) {
    reply.code(206).header('content-range', `bytes ${sound.start}-${sound.start + sound.bytes - 1}/${sound.totalBytes}`);
  }
  return reply.send(sound.stream);
}
