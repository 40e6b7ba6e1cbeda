import { AiCoreError } from '@ai-core/core';
import type { ApiKey } from '@ai-core/store';

/** @returns true when a key may name this scope */
export function mayUseScope(key: Pick<ApiKey, 'scopes'>, scope: string): boolean {
  return (
    key.scopes === null ||
    key.scopes.some((allowed) => (allowed.endsWith('*') ? scope.startsWith(allowed.slice(0, -1)) : scope === allowed))
  );
}

/** @throws FORBIDDEN when a key may not name this scope */
export function requireScope(key: Pick<ApiKey, 'scopes'>, scope: string): void {
  if (!mayUseScope(key, scope)) throw new AiCoreError('FORBIDDEN', 'this API key is limited to other scopes than the one of the request');
}
