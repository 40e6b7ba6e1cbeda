import { AiCoreError } from '@ai-core/core';
import type { AiCore } from '@ai-core/producer';
import { CHANGES_TOPIC, type Messages } from '@ai-core/queue';
import { findApiKey, hashApiKey, noteKeyUse, type ApiKey, type Database } from '@ai-core/store';
import { LRUCache } from 'lru-cache';

/** Somebody who may use the door: a backend's key, and AI Core as it accounts for that backend. */
export interface Caller {
  readonly key: ApiKey;
  readonly aiCore: AiCore;
}

export interface Authentication {
  /**
   * Who sends a request.
   * @param authorization the header of that name
   * @throws UNAUTHENTICATED
   */
  identify(authorization: string | undefined): Promise<Caller>;
  close(): Promise<void>;
}

export interface AuthenticationOptions {
  readonly database: Database;
  readonly messages: Messages;
  readonly aiCore: AiCore;
  readonly onError: (error: unknown) => void;
}

/** Longest life of what is known of a key: a gateway that missed the message about a revoked key notices then. */
const MAX_AGE_MS = 5_000;
const NOTE_USE_EVERY_MS = 10_000;
/** Keys are 47 characters; whatever is much longer is none and is not even hashed. */
const LONGEST_KEY = 200;

/** Looks keys up by their hash, and remembers for a moment what it found, strangers included. */
export function createAuthentication({ database, messages, aiCore, onError }: AuthenticationOptions): Authentication {
  const known = new LRUCache<string, { readonly caller: Caller | null }>({ max: 10_000, ttl: MAX_AGE_MS });
  const lookingUp = new Map<string, Promise<Caller | null>>();
  const used = new Set<string>();

  const forget = (): void => known.clear();
  const subscription = messages.subscribe(CHANGES_TOPIC, forget, forget);
  subscription.catch(onError);
  const timer = setInterval(() => void noteUse(), NOTE_USE_EVERY_MS);
  timer.unref();

  async function noteUse(): Promise<void> {
    const keyIds = [...used];
    used.clear();
    if (keyIds.length > 0) await noteKeyUse(database, keyIds).catch(onError);
  }

  async function lookUp(sha256: string): Promise<Caller | null> {
    const key = await findApiKey(database, sha256);
    const caller = key === null ? null : { key, aiCore: aiCore.forCaller(key.name) };
    known.set(sha256, { caller });
    return caller;
  }

  async function find(sha256: string): Promise<Caller | null> {
    const entry = known.get(sha256);
    if (entry !== undefined) return entry.caller;
    const pending = lookingUp.get(sha256);
    if (pending !== undefined) return pending;
    const looking = lookUp(sha256).finally(() => lookingUp.delete(sha256));
    lookingUp.set(sha256, looking);
    return looking;
  }

  return {
    async identify(authorization) {
      if (authorization === undefined || !/^bearer /i.test(authorization))
        throw new AiCoreError('UNAUTHENTICATED', 'the request has no API key; send it as "Authorization: Bearer ..."');
      const key = authorization.slice('bearer '.length).trim();
      const caller = key.length > LONGEST_KEY ? null : await find(hashApiKey(key));
      if (caller === null) throw new AiCoreError('UNAUTHENTICATED', 'the API key is not known or has been revoked');
      used.add(caller.key.id);
      return caller;
    },
    async close() {
      clearInterval(timer);
      await noteUse();
      const unsubscribe = await Promise.race([
        subscription.catch(() => undefined),
        new Promise<undefined>((resolve) => setTimeout(resolve, 500, undefined)),
      ]);
      await unsubscribe?.().catch(() => undefined);
    },
  };
}
