/** The yardstick of the hit path over HTTP: a bare Fastify route with the same body, key check and schema, that answers a constant. */
import { hash } from 'node:crypto';
import { TextRequestSchema } from '@ai-core/core';
import fastify from 'fastify';

const [key = '', answer = '{}'] = process.argv.slice(2);
const sha256 = hash('sha256', key);
const app = fastify();
app.post('/v1/text', async (request, reply) => {
  if (hash('sha256', request.headers.authorization?.slice('Bearer '.length) ?? '') !== sha256) return reply.code(401).send({});
  if (!TextRequestSchema.safeParse(request.body).success) return reply.code(400).send({});
  return reply.type('application/json; charset=utf-8').send(answer);
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));
process.on('message', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.send?.({ url, cpuMicros: userCPUTime + systemCPUTime, peakRssMb: maxRSS / 1_024 });
});
process.send?.('ready');
