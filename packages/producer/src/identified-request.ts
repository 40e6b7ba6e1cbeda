import type { ContextVersion } from '@ai-core/store';
import type { AudioRequest, Json, JobRequest, Narrowing, RequestTypePolicy, TextRequest } from '@ai-core/core';

/** A request that has been checked and has its identity. Nothing is chosen yet: a remembered answer needs no model. */
export interface IdentifiedRequest {
  /** What it says about who asks, how and how urgently. */
  readonly request: TextRequest | AudioRequest;
  /** What a worker needs to do the work. */
  readonly job: JobRequest;
  readonly policy: RequestTypePolicy;
  /** The caller's options and whatever else decides the answer. */
  readonly options: Readonly<Record<string, Json>>;
  readonly promptHash: string;
  /** What it names, at the versions it gets. */
  readonly contexts: readonly ContextVersion[];
  /** Who may be given the answer. */
  readonly scope: string;
  /** False: neither joined nor remembered. */
  readonly shared: boolean;
  /** What the category of the user allows. */
  readonly narrowing: Narrowing;
}
