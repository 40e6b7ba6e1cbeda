/** Anthropic's Claude: text by the Messages API, from version 2026-10-21 on, which takes no temperature. */
import Anthropic from '@anthropic-ai/sdk';
import { abilitiesOf, type Abilities, type Ability } from '../abilities.ts';
import { claudeBody, readEvents, readMessage } from '../claude-messages.ts';
import type { ProviderFactory, TextCall } from '../provider.ts';
import { requireKey } from '../require-key.ts';
import { runTextCall } from '../run-text-call.ts';

const OWN_ADDRESS = 'https://api.anthropic.com';

const WIRE: Abilities = new Set<Ability>(['stop', 'reasoning', 'json_schema', 'tools', 'parallel_tool_calls']);
/** From 4.6 on models take an effort and a schema; older ones are asked in words. */
const MODERN = /^claude-[a-z]+-([5-9]|4-[6-9])/;
const OLD: Abilities = new Set<Ability>(['stop', 'tools', 'parallel_tool_calls']);

function abilities({ model, capabilities }: TextCall): Abilities {
  return abilitiesOf(capabilities, { byName: MODERN.test(model) ? WIRE : OLD, wire: WIRE });
}

export const claude: ProviderFactory = ({ apiKey, baseUrl }) => ({
  name: 'claude',
  generateText(call) {
    const able = abilities(call);
    return runTextCall(call, {
      provider: 'claude',
      abilities: able,
      async ask({ settings, watched, onPiece }) {
        const client = new Anthropic({
          apiKey: requireKey('claude', apiKey),
          authToken: null,
          baseURL: baseUrl ?? OWN_ADDRESS,
          maxRetries: 0,
          // Without a timeout of ours the SDK refuses answers of more than 21,333 tokens unless they are streamed.
          timeout: watched.sdkTimeoutMs,
          logLevel: 'off',
          fetch: watched.fetch,
        });
        const request = { signal: watched.signal, headers: { 'X-Client-Request-Id': call.attemptId } };
        const body = claudeBody(settings, { model: call.model, canReason: able.has('reasoning') });
        if (!onPiece) return readMessage(await client.messages.create({ ...body, stream: false }, request));
        return readEvents(await client.messages.create({ ...body, stream: true }, request), onPiece);
      },
    });
  },
});
