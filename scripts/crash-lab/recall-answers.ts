import { createHash } from 'node:crypto';
import { defaultVoice, isProviderName, type JobRequest, type ProviderConfig } from '@ai-core/core';
import { createProvider, type Provider } from '@ai-core/providers';
import { startSimulator } from '@ai-core/simulator';
import type { AttemptRow, Ledger } from './ledger.ts';

const AT_ONCE = 8;
const TIMEOUT_MS = 30_000;
const TIMEOUTS = { connect: TIMEOUT_MS, firstByte: TIMEOUT_MS, idle: TIMEOUT_MS, total: TIMEOUT_MS };

interface Call {
  readonly attempt: AttemptRow;
  readonly request: JobRequest;
  readonly config: ProviderConfig | undefined;
}

function baseOf({ attempt, request, config }: Call) {
  return {
    model: attempt.model,
    attemptId: `recall-${attempt.id}`,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    timeouts: TIMEOUTS,
    options: request.options,
    capabilities: config?.capabilities,
  };
}

/** One call for each kind of request. @returns the text; of speech the SHA-256 of the sound */
const RECALL: Readonly<Record<JobRequest['kind'], (provider: Provider, call: Call) => Promise<string | undefined>>> = {
  async text(provider, call) {
    const { request, config } = call;
    const wanted = request.max_output_tokens;
    const answer = await provider.generateText?.({
      ...baseOf(call),
      prompt: request.prompt,
      maxOutputTokens: wanted === undefined || config?.maxOutputTokens == null ? wanted : Math.min(wanted, config.maxOutputTokens),
    });
    return answer?.text;
  },
  async audio(provider, call) {
    const { request, config } = call;
    const language = request.language ?? '';
    const answer = await provider.generateSpeech?.({
      ...baseOf(call),
      text: request.prompt,
      language,
      format: request.format ?? 'mp3',
      voice: request.voice ?? defaultVoice(config?.capabilities ?? {}, language),
    });
    return answer && createHash('sha256').update(answer.audio).digest('hex');
  },
};

/**
 * Asks a fresh simulator with the same seed, which answers the same call with the same text or sound, once more for every remembered
 * answer. Its calls are on no bill of the run.
 * @returns for each memory row what the provider answers to it; of speech the SHA-256
 */
export async function recallAnswers(
  { memories, attempts, jobs }: Ledger,
  { seed, configs }: { readonly seed: number; readonly configs: readonly ProviderConfig[] },
): Promise<Map<string, string>> {
  const simulator = await startSimulator({ seed: String(seed), speech: 'tiled' });
  const attemptsById = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  const jobsById = new Map(jobs.map((job) => [job.id, job]));
  const providers = new Map<string, Provider>();
  const answers = new Map<string, string>();

  async function providerOf(name: string): Promise<Provider> {
    if (!isProviderName(name)) throw new Error(`the ledger names a provider that does not exist: ${name}`);
    const provider = providers.get(name) ?? (await createProvider(name, { apiKey: 'simulated', baseUrl: simulator.baseUrls[name] }));
    providers.set(name, provider);
    return provider;
  }

  async function recall(memoryId: string): Promise<void> {
    const attempt = attemptsById.get(memoryId);
    const request = attempt === undefined ? undefined : jobsById.get(attempt.jobId)?.request;
    // Bought by nobody: the checker finds no answer for it.
    if (attempt === undefined || request === undefined) return;
    const config = configs.find((one) => one.provider === attempt.provider && one.modelName === attempt.model && one.kind === request.kind);
    const answer = await RECALL[request.kind](await providerOf(attempt.provider), { attempt, request, config });
    if (answer !== undefined) answers.set(memoryId, answer);
  }

  const left = memories.map(({ id }) => id).values();
  try {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const id of left) await recall(id);
      }),
    );
  } finally {
    await simulator.close();
  }
  return answers;
}
