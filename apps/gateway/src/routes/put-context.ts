import { putContext as storeContext } from '@ai-core/store';
import { z } from 'zod';
import { ERROR_RESPONSES, LOOK_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';
import { ContextParams, ContextSchema, toContext } from './context-schema.ts';

export const putContext = declareRoute({
  method: 'PUT',
  path: '/v1/contexts/:name',
  need: 'app',
  scope: 'all',
  tag: 'contexts',
  about: 'Store a text that prompts name as {{context:name}}; a changed text is a new version and makes new questions',
  errors: 'problem',
  params: ContextParams,
  body: z.strictObject({ text: z.string().min(1) }),
  responses: {
    200: {
      about: 'the current version; created is false when the text was the same',
      schema: ContextSchema.extend({ created: z.boolean() }),
    },
    ...ERROR_RESPONSES,
  },
  timeoutMs: LOOK_TIMEOUT_MS,
  async handle({ services, caller, params, body }) {
    const stored = await storeContext(services.database, { name: params.name, text: body.text, createdBy: caller.key.name });
    return { ...toContext(stored), created: stored.created };
  },
});
