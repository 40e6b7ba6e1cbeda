import { AiCoreError } from '@ai-core/core';
import { findMemoryFacts, type MemoryFacts } from '@ai-core/store';
import type { Caller } from './authenticate.ts';
import type { GatewayServices } from './gateway-services.ts';
import { mayUseScope } from './scopes.ts';

/**
 * A remembered answer that a key may see: one of its scopes, and what belongs to one request only to the key that asked.
 * @throws NOT_FOUND, also for what this key may not see
 */
export async function requireMemory({ database, simulated }: GatewayServices, { key }: Caller, memoryId: string): Promise<MemoryFacts> {
  const facts = await findMemoryFacts(database, memoryId, key.name);
  const isVisible = facts !== null && facts.simulated === simulated && (facts.isOnce ? facts.isOwn : mayUseScope(key, facts.scope));
  if (!isVisible) throw new AiCoreError('NOT_FOUND', 'there is no remembered answer of this id for this API key');
  return facts;
}
