import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AiCoreError, parseAudioRequest, parseTextRequest, TIERS } from '@ai-core/core';
import type { Estimate } from '@ai-core/producer';
import type { ConsoleServices } from '../console-services.ts';
import { parseInput } from './api-parts.ts';

const empty = z.literal('').transform(() => undefined);
const Body = z.object({
  kind: z.enum(['text', 'audio']),
  requestType: empty.or(z.string()).optional(),
  prompt: z.string().min(1).max(20_000),
  /** Of speech only: BCP 47. */
  language: empty.or(z.string()).optional(),
  tier: empty.or(z.enum(TIERS)).optional(),
  quality: empty.or(z.string()).optional(),
  userCategory: empty.or(z.string()).optional(),
  provider: empty.or(z.string()).optional(),
  model: empty.or(z.string()).optional(),
});
/** Errors of the choice itself: they are the answer to the question. */
const FAILURES: ReadonlySet<string> = new Set([
  'MODEL_UNKNOWN',
  'NO_MODEL_AVAILABLE',
  'CONTEXT_TOO_LONG',
  'BUDGET_EXCEEDED',
  'VOICE_UNKNOWN',
]);

/** Which models would answer a request, in which order, at most at what cost, and why the others would not. */
export function registerSelection(app: FastifyInstance, { aiCore }: ConsoleServices): void {
  async function estimate({ kind, prompt, ...given }: z.output<typeof Body>): Promise<Estimate> {
    const asked = {
      request_type: given.requestType,
      selection_mode: given.model === undefined ? undefined : 'manual',
      provider: given.provider,
      model: given.model,
      user_category: given.userCategory,
      // A remembered answer would be served without any choice.
      cache: 'bypass',
    };
    if (kind === 'audio') return aiCore.estimateAudio(parseAudioRequest({ ...asked, text: prompt, language: given.language ?? 'en' }));
    const options = { tier: given.tier, quality: given.quality, language: given.language };
    return aiCore.estimateText(parseTextRequest({ ...asked, request_type: given.requestType ?? 'question', prompt, options }));
  }

  app.post('/api/selection', async (request) => {
    try {
      const { candidates, explanation } = await estimate(parseInput(Body, request.body));
      const place = new Map(candidates.map(({ provider, model }, index) => [`${provider}/${model}`, index]));
      const rows = explanation.map((row) => {
        const index = place.get(`${row.provider}/${row.model}`);
        return {
          ...row,
          place: index === undefined ? null : index + 1,
          mostNanoUsd: index === undefined ? null : (candidates[index]?.max_cost_nano_usd ?? null),
        };
      });
      return { failure: null, rows: rows.toSorted((one, two) => (one.place ?? rows.length + 1) - (two.place ?? rows.length + 1)) };
    } catch (error) {
      if (!AiCoreError.is(error) || !FAILURES.has(error.code)) throw error;
      return { failure: { code: error.code, reason: error.reason }, rows: [] };
    }
  });
}
