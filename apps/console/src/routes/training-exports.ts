import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AiCoreError, TRAINING_FORMAT_NAMES } from '@ai-core/core';
import { collectTrainingData, recordChange, storeTraining, writeTrainingFiles, type Objects } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';
import { parseInput } from './api-parts.ts';

const Body = z.object({
  format: z.enum(TRAINING_FORMAT_NAMES),
  simulated: z.boolean(),
  minRating: z.number().min(0).max(5).default(4),
  verifiedOnly: z.boolean().default(true),
  validationShare: z.number().min(0).max(1).default(0.1),
  requestTypes: z.array(z.string().min(1).max(100)).max(50).optional(),
});
const FileParams = z.object({ origin: z.enum(['real', 'simulated']), file: z.string().regex(/^[0-9a-f]{64}\.(jsonl|json)$/) });

function need(objects: Objects | null): Objects {
  if (objects !== null) return objects;
  throw new AiCoreError('STORE_UNAVAILABLE', 'exports go through the object store, and this console has none: set the S3 variables');
}

/** Training data as files: written by the same code as `ai-core export-training`, kept in the object store, fetched from there. */
export function registerTrainingExports(app: FastifyInstance, { database, objects }: ConsoleServices): void {
  app.post('/api/training-exports', async (request) => {
    const store = need(objects);
    const options = parseInput(Body, request.body);
    await collectTrainingData(database);
    const folder = await mkdtemp(path.join(tmpdir(), 'ai-core-export-'));
    try {
      const written = await writeTrainingFiles(database, { ...options, path: path.join(folder, 'data.jsonl') });
      const { manifest } = written;
      const stored = await storeTraining(store, written);
      await recordChange(database, {
        actor: sessionOf(request).user.name,
        action: 'training-data.exported',
        subject: written.manifestSha256,
        after: { format: manifest.format, examples: manifest.examples, filter: manifest.filter },
      });
      return { done: manifest.examples.train + manifest.examples.validation, manifest, stored };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  app.get('/api/training-files/:origin/:file', async (request, reply) => {
    const { origin, file } = parseInput(FileParams, request.params);
    const found = await need(objects).get(`training/${origin}/${file}`);
    if (found === undefined) throw new AiCoreError('NOT_FOUND', 'this export is not in the object store any more; export again');
    reply
      .header('content-length', found.bytes)
      .header('content-disposition', `attachment; filename="${file}"`)
      .type(file.endsWith('.json') ? 'application/json' : 'application/jsonl');
    return reply.send(found.stream);
  });
}
