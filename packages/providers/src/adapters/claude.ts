/** Anthropic's Claude: text by the Messages API, from version 2026-10-21 on, which takes no temperature. */
import Anthropic from '@anthropic-ai/sdk';
import { abilitiesOf, type Abilities, type Ability } from '../abilities.ts';
import type { BatchApi, BatchItem } from '../batch.ts';
import { BATCH_LINE, readBatchLine } from '../claude-batch-line.ts';
import { claudeBody, readEvents, readMessage } from '../claude-messages.ts';
import { mapOptions } from '../map-options.ts';
import type { ProviderFactory, ProviderSettings, TextCall } from '../provider.ts';
import { requireKey } from '../require-key.ts';
import { judgeLines, type LineReader, runBatchCall, takeSince } from '../run-batch-call.ts';
import { runTextCall } from '../run-text-call.ts';
import type { WatchedCall } from '../watch-call.ts';

const OWN_ADDRESS = 'https://api.anthropic.com';

const WIRE: Abilities = new Set<Ability>(['stop', 'reasoning', 'json_schema', 'tools', 'parallel_tool_calls']);
/** From 4.6 on models take an effort and a schema; older ones are asked in words. */
const MODERN = /^claude-[a-z]+-([5-9]|4-[6-9])/;
const OLD: Abilities = new Set<Ability>(['stop', 'tools', 'parallel_tool_calls']);

function abilities({ model, capabilities }: Pick<TextCall, 'model' | 'capabilities'>): Abilities {
  return abilitiesOf(capabilities, { byName: MODERN.test(model) ? WIRE : OLD, wire: WIRE });
}

function connect({ apiKey, baseUrl }: ProviderSettings, watched: WatchedCall): Anthropic {
  return new Anthropic({
    apiKey: requireKey('claude', apiKey),
    authToken: null,
    baseURL: baseUrl ?? OWN_ADDRESS,
    maxRetries: 0,
    // Without a timeout of ours the SDK refuses answers of more than 21,333 tokens unless they are streamed.
    timeout: watched.sdkTimeoutMs,
    logLevel: 'off',
    fetch: watched.fetch,
  });
}

const LIST_PAGE = 100;

function batchRequest({ customId, call }: BatchItem) {
  const able = abilities(call);
  const body = claudeBody(mapOptions(call, able), { model: call.model, canReason: able.has('reasoning') });
  return { custom_id: customId, params: { ...body, stream: false as const } };
}

/** Message batches. They keep no word of ours beside the custom ids, and show those only when a batch has ended. */
function claudeBatches(settings: ProviderSettings): BatchApi {
  const reader: LineReader = { provider: 'claude', abilities, readAnswer: readMessage };
  return {
    keepsOurId: false,
    submit: (order) =>
      runBatchCall(order, { provider: 'claude', creates: true }, async (watched) => {
        const requests = order.items.map(batchRequest);
        const batch = await connect(settings, watched).messages.batches.create({ requests }, { signal: watched.signal });
        return { providerBatchId: batch.id };
      }),

    look: ({ providerBatchId, ...call }) =>
      runBatchCall(call, { provider: 'claude' }, async (watched) => {
        const batch = await connect(settings, watched).messages.batches.retrieve(providerBatchId, {}, { signal: watched.signal });
        if (batch.processing_status !== 'ended') return { ending: null, word: batch.processing_status };
        const { expired, canceled } = batch.request_counts;
        return { ending: canceled > 0 ? 'cancelled' : expired > 0 ? 'expired' : 'complete', word: batch.processing_status };
      }),

    read: ({ providerBatchId, ...call }, items) =>
      runBatchCall(call, { provider: 'claude' }, async (watched) => {
        const results = await connect(settings, watched).messages.batches.results(providerBatchId, {}, { signal: watched.signal });
        const lines = [];
        for await (const result of results) {
          const line = BATCH_LINE.safeParse(result);
          if (line.success) lines.push(readBatchLine(line.data));
        }
        return judgeLines(lines, items, reader);
      }),

    cancel: ({ providerBatchId, ...call }) =>
      runBatchCall(call, { provider: 'claude' }, async (watched) => {
        await connect(settings, watched).messages.batches.cancel(providerBatchId, {}, { signal: watched.signal });
      }),

    list: (call) =>
      runBatchCall(call, { provider: 'claude' }, async (watched) => {
        async function* listed() {
          for await (const batch of connect(settings, watched).messages.batches.list({ limit: LIST_PAGE }, { signal: watched.signal })) {
            const requests = Object.values(batch.request_counts).reduce((sum, count) => sum + count, 0);
            yield { providerBatchId: batch.id, batchId: null, createdAt: new Date(batch.created_at), requests };
          }
        }
        return takeSince(listed(), call.since);
      }),
  };
}

export const claude: ProviderFactory = (settings) => ({
  name: 'claude',
  batches: claudeBatches(settings),
  generateText(call) {
    const able = abilities(call);
    return runTextCall(call, {
      provider: 'claude',
      abilities: able,
      async ask({ settings: text, watched, onPiece }) {
        const client = connect(settings, watched);
        const request = { signal: watched.signal, headers: { 'X-Client-Request-Id': call.attemptId } };
        const body = claudeBody(text, { model: call.model, canReason: able.has('reasoning') });
        if (!onPiece) return readMessage(await client.messages.create({ ...body, stream: false }, request));
        return readEvents(await client.messages.create({ ...body, stream: true }, request), onPiece);
      },
    });
  },
});
