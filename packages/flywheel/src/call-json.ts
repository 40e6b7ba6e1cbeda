import { AiCoreError } from '@ai-core/core';
import { TrainingRefused } from './trainer.ts';

export interface JsonCall {
  readonly method?: 'GET' | 'POST' | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** An object is sent as JSON; forms and files as they are. */
  readonly body?: object | FormData | Blob | undefined;
  /** Who is called, for messages. */
  readonly who: string;
  /** Default 60,000. */
  readonly timeoutMs?: number | undefined;
}

/** Answers after which the same call can succeed later. */
const LATER = new Set([408, 409, 425, 429, 500, 502, 503, 504]);

function messageOf(body: unknown): string {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : body;
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return typeof message === 'string' ? message.slice(0, 500) : 'no reason was given';
}

/**
 * One HTTP call that is answered in JSON.
 * @throws TrainingRefused when the call is refused for good; PROVIDER_UNREACHABLE when it may succeed later
 */
export async function callJson(url: string, { method = 'GET', headers, body, who, timeoutMs = 60_000 }: JsonCall): Promise<unknown> {
  const raw = body instanceof FormData || body instanceof Blob;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: { ...headers, ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    });
    text = await response.text();
  } catch (cause) {
    throw new AiCoreError('PROVIDER_UNREACHABLE', `${who} cannot be reached (${cause instanceof Error ? cause.name : 'unknown'})`, {
      cause,
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = null;
  }
  if (response.ok) return parsed;
  const sentence = `${who} answered ${response.status}: ${messageOf(parsed)}`;
  if (LATER.has(response.status)) throw new AiCoreError('PROVIDER_UNREACHABLE', sentence);
  throw new TrainingRefused(sentence);
}
