import { AiCoreError, FORMAT_FACTS } from '@ai-core/core';
import type { AiCore } from '@ai-core/producer';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Content types that speech comes in. */
export const AUDIO_TYPES: readonly string[] = Object.values(FORMAT_FACTS).map(({ contentType }) => contentType);

/** A file to be sent. */
export interface SentAudio {
  readonly source: { readonly memoryId: string } | { readonly jobId: string };
  readonly sha256: string;
  /** Of the whole file. */
  readonly bytes: number;
  /** How long a browser may keep it; answers never change. Default: not at all. */
  readonly maxAgeS?: number;
}

type Range = { readonly start: number; readonly end?: number } | { readonly last: number };

/**
 * Reads a Range header of one range.
 * @returns undefined for none, and for what a server may ignore: several ranges, other units
 */
function readRange(header: string | undefined): Range | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (match === null) return undefined;
  const [, start = '', end = ''] = match;
  if (start === '') return end === '' ? undefined : { last: Number(end) };
  if (end !== '' && Number(end) < Number(start)) return undefined;
  return end === '' ? { start: Number(start) } : { start: Number(start), end: Number(end) };
}

function isOutside(range: Range, bytes: number): boolean {
  return 'last' in range ? range.last === 0 : range.start >= bytes;
}

/** Where the bytes of an answer are: its memory when it is remembered, else its job. */
export function sourceOf(answer: { readonly memoryId: string | null; readonly jobId: string | null }): SentAudio['source'] {
  return answer.memoryId === null ? { jobId: answer.jobId ?? '' } : { memoryId: answer.memoryId };
}

/** True when a client would rather have the bytes than a description of them. */
export function wantsBytes(request: FastifyRequest): boolean {
  return /^\s*audio\//i.test(request.headers.accept ?? '');
}

/**
 * Sends a file, or the range of it that was asked for.
 * @throws NOT_FOUND when it is gone
 */
export async function sendAudio(aiCore: AiCore, reply: FastifyReply, audio: SentAudio): Promise<FastifyReply> {
  const { headers } = reply.request;
  const etag = `"${audio.sha256}"`;
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': audio.maxAgeS === undefined ? 'private, no-store' : `private, max-age=${audio.maxAgeS}, immutable`,
  });
  if (headers['if-none-match'] === etag) return reply.code(304).send();
  const isCurrent = headers['if-range'] === undefined || headers['if-range'] === etag;
  const range = isCurrent ? readRange(headers.range) : undefined;
  if (range !== undefined && isOutside(range, audio.bytes))
    return reply.code(416).header('content-range', `bytes */${audio.bytes}`).type('text/plain').send('');
  const opened = await aiCore.openAudio(audio.source, range);
  if (opened === undefined) throw new AiCoreError('NOT_FOUND', 'the audio of this answer is gone; ask again and it is made anew');
  if (range !== undefined)
    reply.code(206).header('content-range', `bytes ${opened.start}-${opened.start + opened.bytes - 1}/${opened.totalBytes}`);
  reply.raw.once('close', () => opened.stream.destroy());
  return reply
    .type(opened.contentType ?? FORMAT_FACTS.mp3.contentType)
    .header('content-length', String(opened.bytes))
    .send(opened.stream);
}
