import { AiCoreError } from '@ai-core/core';
import { getContext as findContext } from '@ai-core/store';
import { z } from 'zod';
import { ERROR_RESPONSES, LOOK_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';
import { ContextParams, ContextSchema, toContext } from './context-schema.ts';

export const getContext = declareRoute({
  method: 'GET',
  path: '/v1/contexts/:name',
  need: 'app',
  scope: 'all',
  tag: 'contexts',
  about: 'A stored text, its current version or an older one',
  errors: 'problem',
  params: ContextParams,
  query: z.strictObject({ version: z.coerce.number().int().min(1).optional() }),
  responses: { 200: { about: 'the text', schema: ContextSchema.extend({ text: z.string() }) }, ...ERROR_RESPONSES },
  timeoutMs: LOOK_TIMEOUT_MS,
  async handle({ services, params, query }) {
    const found = await findContext(services.database, params.name, query.version ?? null);
    if (found === null) throw new AiCoreError('NOT_FOUND', 'there is no context of this name and version');
    return { ...toContext(found), text: found.text };
  },
});
