import { AiCoreError } from '@ai-core/core';
import type { FastifyRequest } from 'fastify';

/** @returns the Idempotency-Key of a request, which the producer checks */
export function readIdempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (Array.isArray(key)) throw new AiCoreError('REQUEST_INVALID', 'Idempotency-Key must be sent once');
  return key;
}
