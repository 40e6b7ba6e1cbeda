/** Everything other packages may use from core. One block per file. */
export type { AnswerBase, AudioAnswer, TextAnswer } from './answer.ts';
export { AiCoreError, ERROR_CODES, ERRORS, isErrorCode } from './errors.ts';
export type { ErrorCode, ErrorDetails, ErrorFacts, Fault, Retry } from './errors.ts';
export { TIERS } from './model.ts';
export type { Candidate, Capabilities, Lifecycle, Limits, ProviderConfig, Tier } from './model.ts';
export type { Price, Rates } from './price.ts';
export { isProviderName, MAINTENANCE_QUEUE, PROVIDER_NAMES, PROVIDER_QUEUES, PROVIDERS, queueOf, ROLES } from './provider-facts.ts';
export type { Kind, ProviderFacts, ProviderName, ProviderQueue } from './provider-facts.ts';
export type { CacheMode, HashableRequest, JobRequest, Json, Lane, Normalization, Pin, SelectionMode } from './request.ts';
export { NO_USAGE } from './usage.ts';
export type { AnswerSource, Usage, UsageRowKind } from './usage.ts';
