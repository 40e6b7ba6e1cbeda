export type { BatchApi, BatchItem, BatchRow, KnownBatch, ListedBatch } from './batch.ts';
export { type Charged, type FailureFacts, isProviderFailure, ProviderFailure } from './failure.ts';
export { DEFAULT_MAX_OUTPUT_TOKENS, sentText } from './map-options.ts';
export type {
  CallTimeouts,
  ListedModel,
  ListedVoice,
  Provider,
  ProviderFactory,
  ProviderSettings,
  SpeechCall,
  SpeechResult,
  TextCall,
  TextResult,
  UsageDoubt,
} from './provider.ts';
export { type AdaptedProvider, createProvider } from './registry.ts';
