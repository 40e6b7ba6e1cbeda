/** Pieces that several routes are declared with. */
import { ERROR_CODES, ERRORS } from '@ai-core/core';
import { z } from 'zod';
import type { DescribedResponse } from './route.ts';

/** The longest a request may wait, and what accepting it may take on top. */
export const WAITING_TIMEOUT_MS = 320_000;
/** For routes that only look something up. */
export const LOOK_TIMEOUT_MS = 15_000;

export const IDEMPOTENCY_HEADER = {
  'Idempotency-Key':
    'names this very request for 7 days: sent again with the same body it is the same request, with another body it is refused',
} as const;

const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string().describe('what can be done'),
    status: z.int(),
    detail: z.string().describe('what happened and why'),
    code: z.enum(ERROR_CODES as [string, ...string[]]),
    retry: z.enum(['never', 'later', 'elsewhere']),
    job_id: z.string().optional(),
    request_id: z.string(),
  })
  .meta({ id: 'Problem' });

const OpenAiErrorSchema = z
  .object({
    error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string() }),
  })
  .meta({ id: 'OpenAiError' });

function errorResponses(schema: z.ZodType, contentType: string): Record<number, DescribedResponse> {
  const byStatus = new Map<number, string[]>();
  for (const code of ERROR_CODES) byStatus.set(ERRORS[code].http, [...(byStatus.get(ERRORS[code].http) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [status, { about: codes.join(', '), schema, contentTypes: [contentType] }]),
  );
}

/** Every error code under its HTTP status. */
export const ERROR_RESPONSES = errorResponses(ProblemSchema, 'application/problem+json');

export const OPENAI_ERROR_RESPONSES = errorResponses(OpenAiErrorSchema, 'application/json');

export const IdSchema = z.uuid({ error: 'must be an id as AI Core gives them out' });
export const JobParams = z.strictObject({ id: IdSchema });
