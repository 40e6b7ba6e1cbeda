import {
  AiCoreError,
  defaultVoice,
  fillBack,
  findCatalogueModel,
  isProviderName,
  openValues,
  selectVoice,
  type Capabilities,
  type Json,
  type Placeholder,
  type ProviderName,
  type SpeechFormat,
} from '@ai-core/core';
import type { CatalogueSnapshot, ClaimedJob } from '@ai-core/store';
import { configOfJob } from './call-timeouts.ts';
import type { Services } from './services.ts';

/** What is to be said, as the model of the moment is to say it. */
export interface SpeechOrder {
  readonly provider: ProviderName;
  readonly model: string;
  /** With the caller's personal data, where there is any: it is read out. */
  readonly text: string;
  readonly language: string;
  /** The provider's id; null = the adapter's usual voice. */
  readonly voice: string | null;
  readonly format: SpeechFormat;
  readonly options: Readonly<Record<string, Json>>;
  readonly capabilities: Capabilities;
  /** What the request wanted and this provider does not have. */
  readonly ignored: readonly string[];
}

/** Prefix of the scope of an answer that is for one request only; the id of the request follows. */
const ONCE = 'once:';

function openPersonalData(services: Services, job: ClaimedJob): readonly Placeholder[] {
  const sealed = job.request.sealed_values;
  if (sealed === undefined) return [];
  if (services.sealKey === undefined) {
    throw new AiCoreError(
      'NO_MODEL_AVAILABLE',
      'the text holds personal data that has to be read out, and this worker has no AI_CORE_SEAL_KEY to open it with',
    );
  }
  return openValues(Buffer.from(sealed, 'base64'), { key: services.sealKey, requestId: job.scope.slice(ONCE.length) });
}

function fillOptions(value: Json, values: readonly Placeholder[]): Json {
  if (typeof value === 'string') return fillBack(value, values).text;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => fillOptions(item, values));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillOptions(item, values)]));
}

/** What the configuration says the engine can do; a pinned one without a row goes by the catalogue. */
function capabilitiesOf(snapshot: CatalogueSnapshot, job: ClaimedJob): Capabilities {
  return configOfJob(snapshot, job)?.capabilities ?? findCatalogueModel(job.provider, job.model)?.capabilities ?? {};
}

/** The voice that was wanted when it is this provider's, else the default of the language. */
function voiceFor({ request }: ClaimedJob, provider: ProviderName, capabilities: Capabilities): string | null {
  const language = request.language ?? '';
  const isOwn = request.voice != null && (request.voice_provider ?? provider) === provider;
  return isOwn ? selectVoice({ voice: request.voice, provider, capabilities, language, voices: [] }) : defaultVoice(capabilities, language);
}

/**
 * What one attempt of a speech job has to say, and how.
 * @throws NO_MODEL_AVAILABLE when it holds personal data that this process cannot open
 */
export async function readSpeechOrder(services: Services, job: ClaimedJob): Promise<SpeechOrder> {
  const { provider, model, request } = job;
  if (!isProviderName(provider)) throw new AiCoreError('MODEL_UNKNOWN', `there is no provider ${provider}`);
  const capabilities = capabilitiesOf(await services.snapshots.get(), job);
  const values = openPersonalData(services, job);
  return {
    provider,
    model,
    text: fillBack(request.prompt, values).text.trim(),
    language: request.language ?? '',
    voice: voiceFor(job, provider, capabilities),
    format: request.format ?? 'mp3',
    options: values.length === 0 ? request.options : (fillOptions(request.options, values) as Readonly<Record<string, Json>>),
    capabilities,
    ignored: request.voice != null && request.voice_provider !== provider ? ['voice_id'] : [],
  };
}
