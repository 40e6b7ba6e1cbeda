/** OpenAI: text by chat completions. */
import OpenAI from 'openai';
import { abilitiesOf, type Abilities, type Ability } from '../abilities.ts';
import { CHAT_WIRE, chatBody, type ChatDialect, readChunks, readCompletion } from '../openai-chat.ts';
import type { ProviderFactory, TextCall } from '../provider.ts';
import { requireKey } from '../require-key.ts';
import { runTextCall } from '../run-text-call.ts';

const OWN_ADDRESS = 'https://api.openai.com/v1';

/** Models that reason: they take an effort, and no temperature, penalty or stop word. */
const REASONING_MODELS = /^(gpt-[5-9]|o\d)/;
const REASONING: Abilities = new Set<Ability>(['seed', 'reasoning', 'json', 'json_schema']);
const PLAIN: Abilities = new Set<Ability>([
  'temperature',
  'top_p',
  'seed',
  'stop',
  'frequency_penalty',
  'presence_penalty',
  'json',
  'json_schema',
]);

function abilities({ model, capabilities }: TextCall): Abilities {
  return abilitiesOf(capabilities, { byName: REASONING_MODELS.test(model) ? REASONING : PLAIN, wire: CHAT_WIRE });
}

/** Left alone, OpenAI's models reason at medium effort, at output prices. */
function dialect(able: Abilities): ChatDialect {
  return { limitField: 'max_completion_tokens', defaultEffort: able.has('reasoning') ? 'low' : undefined };
}

export const openai: ProviderFactory = ({ apiKey, baseUrl }) => ({
  name: 'openai',
  generateText(call) {
    const able = abilities(call);
    return runTextCall(call, {
      provider: 'openai',
      abilities: able,
      async ask({ settings, watched, onPiece }) {
        // Everything the SDK would else take from the environment is said here.
        const client = new OpenAI({
          apiKey: requireKey('openai', apiKey),
          baseURL: baseUrl ?? OWN_ADDRESS,
          organization: null,
          project: null,
          maxRetries: 0,
          timeout: call.timeouts.total,
          logLevel: 'off',
          fetch: watched.fetch,
        });
        const request = { signal: watched.signal, headers: { 'X-Client-Request-Id': call.attemptId } };
        const body = chatBody(settings, { model: call.model, ...dialect(able) });
        if (!onPiece) return readCompletion(await client.chat.completions.create({ ...body, stream: false }, request));
        const stream = await client.chat.completions.create({ ...body, stream: true, stream_options: { include_usage: true } }, request);
        return readChunks(stream, onPiece);
      },
    });
  },
});
