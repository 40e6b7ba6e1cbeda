import type { FastifyInstance } from 'fastify';
import { AiCoreError } from '@ai-core/core';
import { findAsset } from '../asset-files.ts';

/** Serves the console's own files, each from memory. */
export function registerAssets(app: FastifyInstance): void {
  app.get<{ Params: { file: string } }>('/assets/:file', async (request, reply) => {
    const asset = findAsset(request.params.file);
    if (asset === undefined) throw new AiCoreError('NOT_FOUND', 'there is no such file');
    return reply.type(asset.type).header('cache-control', 'public, max-age=31536000, immutable').send(asset.bytes);
  });
}
