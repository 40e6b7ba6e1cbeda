import {
  decideHashOptions,
  hasPersonalData,
  narrowingOf,
  parseMoney,
  promptHash,
  resolvePin,
  resolvePolicy,
  resolveVoice,
  sealValues,
  type AudioRequest,
  type JobRequest,
  type Placeholder,
  type ProviderConfig,
} from '@ai-core/core';
import type { CatalogueSnapshot } from '@ai-core/store';
import type { Connections } from './connections.ts';
import type { IdentifiedRequest } from './identified-request.ts';

/** A speech request whose personal data has been taken out. */
export interface RedactedSpeech {
  readonly request: AudioRequest;
  readonly values: readonly Placeholder[];
  readonly requestId: string;
}

/** The engine that is named; in manual mode without a model the provider's default one. Null = AI Core chooses. */
function pinOf({ selection_mode, provider, model }: AudioRequest, { configs, today }: CatalogueSnapshot): ProviderConfig | null {
  if (selection_mode !== 'manual') return null;
  return resolvePin({ kind: 'audio', provider: provider ?? '', model: model ?? null, configs, today });
}

/**
 * Works out what a speech request is: engine and voice by their ids, its type's policy and its hash. Speech with personal data belongs to
 * one request alone: what has to be said is sealed into the job, and the answer is neither shared nor remembered.
 * @throws REQUEST_INVALID for text that cannot be stored or is too long; MODEL_UNKNOWN, VOICE_UNKNOWN
 */
export function identifyAudio(
  { sealKey }: Pick<Connections, 'sealKey'>,
  { request, values, requestId }: RedactedSpeech,
  snapshot: CatalogueSnapshot,
): IdentifiedRequest {
  const policy = resolvePolicy(snapshot.policies, request.request_type);
  const pin = pinOf(request, snapshot);
  const voice = resolveVoice({ voice: request.voice_id, language: request.language, pin, voices: snapshot.voices });
  const narrowing = narrowingOf(snapshot.categories, request.user_category);
  const options = decideHashOptions({
    options: request.options,
    selectionMode: request.selection_mode,
    narrowing,
    maxCostNanoUsd: request.max_cost_usd === undefined ? undefined : parseMoney(request.max_cost_usd),
  });
  const personal = hasPersonalData(values);
  const scope = personal ? `once:${requestId}` : request.scope;
  const { hash } = promptHash(
    {
      kind: 'audio',
      request_type: request.request_type,
      text: request.text,
      language: request.language,
      voice: voice.voiceId,
      format: request.format,
      options,
      selection_mode: request.selection_mode,
      provider: pin?.provider,
      model: pin?.modelName,
      scope,
    },
    { maxCharacters: policy.maxPromptCharacters },
  );
  const job: JobRequest = {
    kind: 'audio',
    request_type: request.request_type,
    prompt: request.text,
    options,
    language: request.language,
    voice: voice.voiceId,
    voice_provider: voice.provider,
    format: request.format,
    selection_mode: request.selection_mode,
    ...(personal ? { sealed_values: Buffer.from(sealValues(values, { key: sealKey, requestId })).toString('base64') } : {}),
  };
  return {
    request: pin === null ? request : { ...request, provider: pin.provider, model: pin.modelName },
    job,
    policy,
    options,
    promptHash: hash,
    contexts: [],
    scope,
    shared: request.cache !== 'bypass' && !personal,
    narrowing,
  };
}
