/** One's own model behind any server that speaks OpenAI's wire: vLLM, Ollama, llama.cpp. */
import OpenAI from 'openai';
import { abilitiesOf, type Abilities, type Ability } from '../abilities.ts';
import { ProviderFailure } from '../failure.ts';
import { CHAT_WIRE, chatBody, readChunks, readCompletion } from '../openai-chat.ts';
import type { ProviderFactory } from '../provider.ts';
import { countUsage } from '../count-usage.ts';
import { receivedText, type TextReading } from '../ending.ts';
import { joinSent } from '../map-options.ts';
import { runTextCall } from '../run-text-call.ts';

/** The servers take these or overlook them; reasoning and JSON only where the configuration says so. */
const USUAL: Abilities = new Set<Ability>(['temperature', 'top_p', 'seed', 'stop', 'frequency_penalty', 'presence_penalty']);

/** The SDK insists on a key; the servers do not look at it. */
const NO_KEY = 'none';

export const localSmallModel: ProviderFactory = ({ apiKey, baseUrl }) => ({
  name: 'local_small_model',
  generateText(call) {
    return runTextCall(call, {
      provider: 'local_small_model',
      abilities: abilitiesOf(call.capabilities, { byName: USUAL, wire: CHAT_WIRE }),
      async ask({ settings, watched, onPiece }) {
        if (baseUrl === null) {
          throw new ProviderFailure('PROVIDER_UNREACHABLE', 'no address is set for local_small_model; set LOCAL_MODEL_BASE_URL', {
            charged: 'no',
          });
        }
        const client = new OpenAI({
          apiKey: apiKey?.trim() || NO_KEY,
          baseURL: baseUrl,
          organization: null,
          project: null,
          maxRetries: 0,
          timeout: watched.sdkTimeoutMs,
          logLevel: 'off',
          fetch: watched.fetch,
        });
        const request = { signal: watched.signal, headers: { 'X-Client-Request-Id': call.attemptId } };
        const body = chatBody(settings, { model: call.model, limitField: 'max_tokens', defaultEffort: undefined });
        const read = async (): Promise<TextReading> => {
          if (!onPiece) return readCompletion(await client.chat.completions.create({ ...body, stream: false }, request));
          const stream = await client.chat.completions.create({ ...body, stream: true, stream_options: { include_usage: true } }, request);
          return readChunks(stream, onPiece);
        };
        const reading = await read();
        if (reading.usage !== undefined) return reading;
        return { ...reading, countedUsage: await countUsage({ sent: joinSent(settings), received: receivedText(reading) }) };
      },
    });
  },
});
