import {
  MAINTENANCE_QUEUE,
  PROVIDER_QUEUES,
  PROVIDERS,
  ROLES,
  type ProviderFacts,
  type ProviderName,
  type ProviderQueue,
} from '@ai-core/core';

/** Keys and addresses of the providers as this process has them. */
export type ProviderAccess = Readonly<
  Partial<Record<ProviderName, { readonly apiKey: string | undefined; readonly baseUrl: string | null }>>
>;

export interface Roles {
  /** Provider queues this process serves. */
  readonly queues: readonly ProviderQueue[];
  readonly maintenance: boolean;
  /** Named roles whose provider has no key here; they are not served. */
  readonly withoutKey: readonly string[];
  /** Speech queues whose provider has a key here, but there is no object store; they are not served. */
  readonly withoutStore: readonly string[];
}

/** @returns true when this process could call the provider: it has the key, or the local server's address. */
export function hasAccess(provider: ProviderName, access: ProviderAccess): boolean {
  const facts: ProviderFacts = PROVIDERS[provider];
  const entry = access[provider];
  if (entry === undefined) return false;
  return facts.keyVariable === null ? entry.baseUrl !== null : entry.apiKey !== undefined && entry.apiKey !== '';
}

/**
 * Which queues to serve.
 * @param wanted `all`, or names of roles separated by commas
 * @param hasStore whether there is an object store: without one nobody can speak
 * @throws Error naming the roles there are, when one is unknown
 */
export function decideRoles(wanted: string, access: ProviderAccess, hasStore: boolean): Roles {
  const names =
    wanted.trim() === 'all'
      ? [...ROLES]
      : wanted
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '');
  const unknown = names.filter((name) => !ROLES.includes(name));
  if (unknown.length > 0) throw new Error(`AI_CORE_ROLES names ${unknown.join(', ')}; the roles are all, ${ROLES.join(', ')}`);
  const named = PROVIDER_QUEUES.filter((entry) => names.includes(entry.queue));
  const withKey = named.filter((entry) => hasAccess(entry.provider, access));
  const served = withKey.filter((entry) => hasStore || entry.kind !== 'audio');
  return {
    queues: served,
    maintenance: names.includes(MAINTENANCE_QUEUE),
    withoutKey: wanted.trim() === 'all' ? [] : named.filter((entry) => !withKey.includes(entry)).map((entry) => entry.queue),
    withoutStore: withKey.filter((entry) => !served.includes(entry)).map((entry) => entry.queue),
  };
}
