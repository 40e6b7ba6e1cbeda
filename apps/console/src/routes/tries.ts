import type { FastifyInstance } from 'fastify';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AiCoreError, isProviderName } from '@ai-core/core';
import type { AudioHandle, TextHandle } from '@ai-core/producer';
import { findResults, recordChange } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { findProvider } from '../find-provider.ts';
import { sessionOf } from '../guard.ts';
import { sendSound } from '../send-sound.ts';
import { IdParams, parseInput } from './api-parts.ts';

const MOST_CHARACTERS = { text: 2_000, audio: 300 } as const;
/** A try is short: nobody should spend dollars by a click. */
const MOST_OUTPUT_TOKENS = 1_000;
const PATIENCE_MS = 90_000;
const Body = z.object({
  prompt: z.string().trim().min(1).max(MOST_CHARACTERS.text),
  /** Of speech only: BCP 47. */
  language: z.string().default('en'),
});

/** One test prompt or sentence through the very way that requests of backends take, limits and budgets included. */
export function registerTries(app: FastifyInstance, services: ConsoleServices): void {
  const { database, objects, aiCore } = services;

  app.post('/api/providers/:id/try', async (request) => {
    const { provider, modelName, kind } = await findProvider(database, request.params);
    const { prompt, language } = parseInput(Body, request.body);
    if (!isProviderName(provider)) throw new AiCoreError('REQUEST_INVALID', `${provider} is no provider of this version`);
    if (prompt.length > MOST_CHARACTERS[kind])
      throw new AiCoreError('REQUEST_INVALID', `a test sentence has at most ${MOST_CHARACTERS[kind]} characters`);
    const { name } = sessionOf(request).user;
    const asked = {
      selectionMode: 'manual',
      provider,
      model: modelName,
      cache: 'bypass',
      user: `console:${name}`,
      endpoint: 'console/try',
    } as const;
    const note = (handle: AudioHandle | TextHandle): Promise<void> =>
      // Before the answer is there: what is on its way may cost something already.
      recordChange(database, {
        actor: name,
        action: 'model.tried',
        subject: `${provider}/${modelName}`,
        after: { kind, job_id: handle.jobId },
      });

    if (kind === 'audio') {
      const handle = await aiCore.enqueueAudio({ ...asked, text: prompt, language });
      await note(handle);
      const answer = await handle.result({ timeoutMs: PATIENCE_MS });
      return { ...toTryJson(answer), text: null, audio: `/api/tries/${answer.jobId}/audio`, seconds: answer.seconds };
    }
    const handle = await aiCore.enqueueText({
      ...asked,
      requestType: 'console_try',
      prompt,
      options: { max_tokens: MOST_OUTPUT_TOKENS },
    });
    await note(handle);
    const answer = await handle.result({ timeoutMs: PATIENCE_MS });
    return { ...toTryJson(answer), text: answer.text, audio: null, seconds: null };
  });

  app.get('/api/tries/:id/audio', async (request, reply) => {
    const { id } = parseInput(IdParams, request.params);
    if (objects === null) throw new AiCoreError('STORE_UNAVAILABLE', 'this console has no object store: set the S3 variables');
    const [result] = (await findResults(database, [{ jobId: id, requestId: randomUUID() }])).values();
    const file = result?.audio?.file;
    if (file === undefined) throw new AiCoreError('NOT_FOUND', 'there is no speech of this job');
    return sendSound({ objects, file, range: request.headers.range, reply });
  });
}

interface TriedAnswer {
  readonly jobId: string | null;
  readonly provider: string;
  readonly model: string;
  readonly simulated: boolean;
  readonly tokensUsed: number;
  readonly outputTokens: number;
  readonly costNanoUsd: bigint | null;
  readonly latencyMs: number;
  readonly ignoredOptions: readonly string[];
}

function toTryJson({ jobId, provider, model, simulated, tokensUsed, outputTokens, costNanoUsd, latencyMs, ignoredOptions }: TriedAnswer) {
  return {
    jobId,
    provider,
    model,
    simulated,
    tokensUsed,
    outputTokens,
    costNanoUsd: costNanoUsd?.toString() ?? null,
    latencyMs,
    ignoredOptions,
  };
}
