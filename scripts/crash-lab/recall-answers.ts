import { isProviderName, type ProviderConfig } from '@ai-core/core';
import { createProvider, type Provider } from '@ai-core/providers';
import { startSimulator } from '@ai-core/simulator';
import type { Ledger } from './ledger.ts';

const AT_ONCE = 8;
const TIMEOUT_MS = 30_000;
const TIMEOUTS = { connect: TIMEOUT_MS, firstByte: TIMEOUT_MS, idle: TIMEOUT_MS, total: TIMEOUT_MS };

/**
 * Asks a fresh simulator with the same seed, which writes the same text for the same call, once more for every remembered answer.
 * Its calls are on no bill of the run.
 * @returns for each memory row the text the provider writes for it
 */
export async function recallAnswers(
  { memories, attempts, jobs }: Ledger,
  { seed, configs }: { readonly seed: number; readonly configs: readonly ProviderConfig[] },
): Promise<Map<string, string>> {
  const simulator = await startSimulator({ seed: String(seed), speech: 'tiled' });
  const attemptsById = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  const jobsById = new Map(jobs.map((job) => [job.id, job]));
  const providers = new Map<string, Provider>();
  const texts = new Map<string, string>();

  async function providerOf(name: string): Promise<Provider> {
    if (!isProviderName(name)) throw new Error(`the ledger names a provider that does not exist: ${name}`);
    const provider = providers.get(name) ?? (await createProvider(name, { apiKey: 'simulated', baseUrl: simulator.baseUrls[name] }));
    providers.set(name, provider);
    return provider;
  }

  async function recall(memoryId: string): Promise<void> {
    const attempt = attemptsById.get(memoryId);
    const request = attempt === undefined ? undefined : jobsById.get(attempt.jobId)?.request;
    // Bought by nobody: the checker finds no text for it.
    if (attempt === undefined || request === undefined) return;
    const config = configs.find((one) => one.provider === attempt.provider && one.modelName === attempt.model && one.kind === 'text');
    const wanted = request.max_output_tokens;
    const provider = await providerOf(attempt.provider);
    const answer = await provider.generateText?.({
      model: attempt.model,
      attemptId: `recall-${memoryId}`,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      timeouts: TIMEOUTS,
      options: request.options,
      capabilities: config?.capabilities,
      prompt: request.prompt,
      maxOutputTokens: wanted === undefined || config?.maxOutputTokens == null ? wanted : Math.min(wanted, config.maxOutputTokens),
    });
    if (answer !== undefined) texts.set(memoryId, answer.text);
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
  return texts;
}
