import { AiCoreError, describeProblems } from '@ai-core/core';
import { z } from 'zod';

/**
 * Checks a body, query or parameters.
 * @throws REQUEST_INVALID with one sentence per problem; never with a value of the request
 */
export function checkInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  throw new AiCoreError('REQUEST_INVALID', describeProblems(result.error, input, new Set(known)));
}
