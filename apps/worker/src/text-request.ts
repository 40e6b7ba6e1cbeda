/** What a text job asks of its model, and whether an answer may be kept for others. */
import { contextsOf, fillBack, readPlaceholders, writeContexts, type ProviderConfig } from '@ai-core/core';
import type { TextCall } from '@ai-core/providers';
import { readContexts, type ClaimedJob } from '@ai-core/store';
import type { Services } from './services.ts';

/**
 * An answer with a placeholder that its request does not have, or with a mangled one, serves the caller who pays and nobody else:
 * another caller's values could not be put back.
 */
export function hasForeignPlaceholder(job: Pick<ClaimedJob, 'request'>, answer: string): boolean {
  const known = readPlaceholders(`${job.request.prompt}\n${JSON.stringify(job.request.options)}`);
  return fillBack(
    answer,
    known.map(({ token, kind }) => ({ token, kind, value: token })),
  ).foreign;
}

/** What the model gets to read: the contexts the request names are read only now, by the very versions that were hashed. */
export async function writeRequest(
  { database }: Services,
  { request }: Pick<ClaimedJob, 'request'>,
): Promise<Pick<TextCall, 'prompt' | 'options' | 'context'>> {
  const named = contextsOf(request.options);
  if (named.length === 0) return { prompt: request.prompt, options: request.options };
  return writeContexts(request, await readContexts(database, named));
}

/** The most tokens an answer may have: what was asked for, within what the model can. */
export function limitOutput({ request }: Pick<ClaimedJob, 'request'>, config: ProviderConfig | undefined): number | undefined {
  const wanted = request.max_output_tokens;
  return wanted === undefined || config?.maxOutputTokens == null ? wanted : Math.min(wanted, config.maxOutputTokens);
}
