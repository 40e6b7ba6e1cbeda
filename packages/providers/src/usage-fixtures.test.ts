/** Every adapter's reading of usage and the price of it, against bills worked by hand and an independent calculator. */
import { computeCost, findCatalogueModel, type Json, NO_USAGE, priceAt, pricesOf, type ProviderName, type Usage } from '@ai-core/core';
import { calcPrice, extractUsage, findProvider } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { checkUsage } from './check-usage.ts';
import { readEvents, readMessage } from './claude-messages.ts';
import { readContent, readContents, readSpeechContent } from './gemini-content.ts';
import { readChunks, readCompletion } from './openai-chat.ts';
import { characterUsage } from './run-speech-call.ts';
import { USAGE_FIXTURES, type UsageFixture, workOut } from './usage-fixtures/usage-fixture.ts';

interface Answer {
  readonly model: string;
  readonly usage: Json;
}
type Body = Record<string, unknown>;

/** A vendor's wire: its whole answer, its streamed answer, and the names the independent calculator has for it. */
interface Wire {
  readonly body: (answer: Answer) => Body;
  readonly read: (body: Body) => Usage | undefined;
  readonly stream: (answer: Answer) => Promise<Usage | undefined>;
  /** True where the usage itself says that the call was a batch; elsewhere only who made the batch knows. */
  readonly saysBatch?: boolean;
  readonly oracle: { readonly providerId: string; readonly flavor: string };
}

async function* inOrder(values: readonly unknown[]): AsyncGenerator<unknown> {
  yield* values;
}
const ignore = (): void => {};

const CHAT: Wire = {
  body: ({ model, usage }) => ({ model, choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }], usage }),
  read: (body) => readCompletion(body).usage,
  stream: async ({ model, usage }) => {
    const words = { model, choices: [{ delta: { content: 'Hello' }, finish_reason: 'stop' }], usage: null };
    return (await readChunks(inOrder([words, { model, choices: [], usage }]), ignore)).usage;
  },
  oracle: { providerId: 'openai', flavor: 'chat' },
};

const MESSAGES: Wire = {
  body: ({ model, usage }) => ({ model, content: [{ type: 'text', text: 'Hello' }], stop_reason: 'end_turn', usage }),
  read: (body) => readMessage(body).usage,
  stream: async ({ model, usage }) => {
    const begun = usage === null ? null : { ...(usage as Record<string, Json>), output_tokens: 1 };
    const events = [
      { type: 'message_start', message: { model, content: [], stop_reason: null, usage: begun } },
      { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hello' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
    ];
    return (await readEvents(inOrder(events), ignore)).usage;
  },
  saysBatch: true,
  oracle: { providerId: 'anthropic', flavor: 'default' },
};

const CONTENT: Wire = {
  body: ({ model, usage }) => ({
    modelVersion: model,
    candidates: [{ content: { parts: [{ text: 'Hello' }] }, finishReason: 'STOP' }],
    usageMetadata: usage,
  }),
  read: (body) => readContent(body).usage,
  stream: async ({ model, usage }) => {
    const first = { modelVersion: model, candidates: [{ content: { parts: [{ text: 'Hel' }] } }] };
    return (await readContents(inOrder([first, CONTENT.body({ model, usage })]), ignore)).usage;
  },
  oracle: { providerId: 'google', flavor: 'default' },
};

const WIRES: Readonly<Partial<Record<ProviderName, Wire>>> = {
  openai: CHAT,
  local_small_model: { ...CHAT, oracle: { providerId: 'local_small_model', flavor: 'chat' } },
  claude: MESSAGES,
  gemini: CONTENT,
};

const nameOf = ({ provider, asked, title }: UsageFixture): string => `${provider} ${asked}: ${title}`;
const answerOf = ({ asked, answered, raw }: UsageFixture): Answer => ({ model: answered ?? asked, usage: raw });

function readRaw(fixture: UsageFixture): Usage | undefined {
  const wire = WIRES[fixture.provider];
  if (fixture.text !== undefined && (fixture.provider !== 'gemini' || !wire)) return characterUsage(fixture.text);
  const body = wire?.body(answerOf(fixture)) ?? {};
  return fixture.text === undefined ? wire?.read(body) : readSpeechContent(body).usage;
}

/** The usage as it goes on the bill: our own count where the vendor sent none, and the batch rate where it was a batch. */
function usageOf(fixture: UsageFixture): Usage {
  const { sent, received } = fixture;
  const read = readRaw(fixture);
  if (read && sent === undefined) return fixture.batch && !WIRES[fixture.provider]?.saysBatch ? { ...read, batch: true } : read;
  const frame = { sent: sent ?? '', received: received ?? '', maxOutputTokens: 100, audioSeconds: 0, longestAudioSeconds: 0 };
  return checkUsage(read, frame).usage;
}

function costOf(fixture: UsageFixture): bigint | null {
  const at = new Date(fixture.at);
  const [price] = [answerOf(fixture).model, fixture.asked].flatMap((modelName) => {
    const model = findCatalogueModel(fixture.provider, modelName);
    const prices = model ? pricesOf(model).map((one) => ({ ...one, id: modelName })) : [];
    return priceAt(prices, { provider: fixture.provider, modelName, at }) ?? [];
  });
  return computeCost(usageOf(fixture), price ?? null).nanoUsd;
}

/** The independent calculator reads the same body. It knows no batches: their half is taken here. */
function askOracle(fixture: UsageFixture): bigint | null {
  const wire = WIRES[fixture.provider];
  const provider = wire && findProvider({ providerId: wire.oracle.providerId });
  if (!wire || !provider || fixture.raw === null) return null;
  try {
    const { model, usage } = extractUsage(provider, wire.body(answerOf(fixture)), wire.oracle.flavor);
    const price = calcPrice(usage, model ?? fixture.asked, { provider, timestamp: new Date(fixture.at) });
    if (!price) return null;
    // It counts in floating point; twelve digits of a dollar are what it gets right.
    const picoUsd = BigInt(Math.round((price.total_price * 1e12) / (fixture.batch ? 2 : 1)));
    return (picoUsd + 500n) / 1_000n;
  } catch {
    return null;
  }
}

describe('the fixtures', () => {
  it('are many, and every provider has some', () => {
    expect(USAGE_FIXTURES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(USAGE_FIXTURES.map(({ provider }) => provider)).size).toBe(6);
    expect(new Set(USAGE_FIXTURES.map(nameOf)).size).toBe(USAGE_FIXTURES.length);
  });

  it.each(USAGE_FIXTURES.map((fixture) => [nameOf(fixture), fixture] as const))('add up as written: %s', (_, fixture) => {
    expect(workOut(fixture.workings)?.toString() ?? null).toBe(fixture.costNanoUsd);
  });
});

describe('the adapters and the catalogue bill to the nano-dollar what was worked by hand', () => {
  it.each(USAGE_FIXTURES.map((fixture) => [nameOf(fixture), fixture] as const))('%s', (_, fixture) => {
    expect(usageOf(fixture)).toEqual(fixture.usage);
    expect(costOf(fixture)?.toString() ?? null).toBe(fixture.costNanoUsd);
  });
});

describe('a streamed answer is billed as a whole one', () => {
  const streamed = USAGE_FIXTURES.filter(({ provider, text }) => text === undefined && WIRES[provider] !== undefined);

  it('even where the last event says null of what the first has counted', async () => {
    const counted = { input_tokens: 12, cache_read_input_tokens: 3_000, cache_creation_input_tokens: 400, output_tokens: 1 };
    const uncounted = { input_tokens: null, cache_read_input_tokens: null, cache_creation_input_tokens: null, output_tokens: 56 };
    const events = [
      { type: 'message_start', message: { model: 'claude-haiku-5-5', content: [], usage: counted } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: uncounted },
    ];
    expect((await readEvents(inOrder(events), ignore)).usage).toEqual({
      ...NO_USAGE,
      inputTokens: 3_412,
      cacheReadTokens: 3_000,
      cacheWriteTokens: 400,
      outputTokens: 56,
    });
  });

  it.each(streamed.map((fixture) => [nameOf(fixture), fixture] as const))('%s', async (_, fixture) => {
    expect(await WIRES[fixture.provider]?.stream(answerOf(fixture))).toEqual(readRaw(fixture));
  });
});

describe('an independent calculator says the same, or it is known why not', () => {
  it.each(USAGE_FIXTURES.map((fixture) => [nameOf(fixture), fixture] as const))('%s', (_, fixture) => {
    const expected = fixture.oracle === 'equal' ? fixture.costNanoUsd : fixture.oracle.says;
    expect(askOracle(fixture)?.toString() ?? null).toBe(expected);
  });
});
