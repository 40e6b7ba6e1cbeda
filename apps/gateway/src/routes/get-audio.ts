import { AiCoreError } from '@ai-core/core';
import { z } from 'zod';
import { requireMemory } from '../memory-access.ts';
import { ERROR_RESPONSES, IdSchema, WAITING_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';
import { AUDIO_TYPES, sendAudio } from '../send-audio.ts';

const DAY_SECONDS = 86_400;

export const getAudio = declareRoute({
  method: 'GET',
  path: '/v1/audio/:memory_id',
  need: 'app',
  scope: 'memory',
  tag: 'generate',
  about: 'The sound of a remembered answer: an address that lasts as long as the answer',
  errors: 'problem',
  params: z.strictObject({ memory_id: IdSchema }),
  headers: { Range: 'a part of the file', 'If-None-Match': 'the ETag of a copy that is there already' },
  responses: {
    200: { about: 'the file', contentTypes: AUDIO_TYPES },
    206: { about: 'the part that was asked for', contentTypes: AUDIO_TYPES },
    304: { about: 'the copy is still right' },
    416: { about: 'the part lies outside of the file' },
    ...ERROR_RESPONSES,
  },
  timeoutMs: WAITING_TIMEOUT_MS,
  async handle({ services, caller, params, reply }) {
    const { memory_id: memoryId } = params;
    const { audio } = await requireMemory(services, caller, memoryId);
    if (audio === null) throw new AiCoreError('NOT_FOUND', 'this answer is a text, not speech');
    return sendAudio(caller.aiCore, reply, { ...audio, source: { memoryId }, maxAgeS: DAY_SECONDS });
  },
});
