import type { Candidate, Explanation } from '@ai-core/core';
import { recall } from './answer-from-memory.ts';
import type { AskedRequest } from './asked-request.ts';
import type { Explained } from './answer-base.ts';
import { chooseCandidates } from './choose-candidates.ts';
import type { Connections } from './connections.ts';
import { makeRequestId } from './make-request-id.ts';

/** What a request would cost. */
export interface Estimate {
  /** True when memory has the answer: it costs nothing. */
  readonly remembered: boolean;
  /** The models that would be tried, in order; empty when memory has the answer. */
  readonly candidates: readonly Candidate[];
  readonly explanation: readonly Explanation[];
}

/**
 * Tells what a request would cost, without asking anybody.
 * @throws the errors of the choice
 */
export async function estimateRequest<Answer extends Explained>(connections: Connections, asked: AskedRequest<Answer>): Promise<Estimate> {
  const snapshot = await connections.snapshots.get();
  const identified = await asked.identify(makeRequestId(), snapshot);
  if ((await recall(connections, asked, identified)) !== null) return { remembered: true, candidates: [], explanation: [] };
  const choice = await chooseCandidates(identified, { snapshot, database: connections.database, simulated: connections.simulated });
  return { remembered: false, candidates: choice.candidates, explanation: choice.explanation };
}
