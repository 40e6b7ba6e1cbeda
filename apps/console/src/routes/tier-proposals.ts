import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { applyTierProposal, listTierChoices, listTierProposals, undoTierChoice } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { actOf, parseInput } from './api-parts.ts';

const Query = z.object({
  simulated: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});
const Body = z.object({ requestType: z.string().min(1), simulated: z.boolean().default(false) });

/** Cheaper tiers that were measured to be good enough: what is proposed, taking a proposal, and the way back. */
export function registerTierProposals(app: FastifyInstance, services: ConsoleServices): void {
  const { database } = services;
  app.get('/api/tier-proposals', async (request) => {
    const { simulated } = parseInput(Query, request.query);
    return { rows: await listTierProposals(database, simulated), choices: await listTierChoices(database, simulated) };
  });
  app.post('/api/tier-proposals/apply', (request) => applyTierProposal(actOf(services, request), parseInput(Body, request.body)));
  app.post('/api/tier-proposals/undo', (request) => undoTierChoice(actOf(services, request), parseInput(Body, request.body)));
}
