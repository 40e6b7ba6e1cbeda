/** The vendors' free endpoints that count the tokens of a prompt before it is sent. */
import { z } from 'zod';
import { countTokens } from '../count-tokens.ts';
import { claude } from '../vendors/claude.ts';
import { gemini } from '../vendors/google.ts';
import { openai } from '../vendors/openai.ts';
import { type FreeRoute, jsonReply } from '../wire.ts';
import { GeminiBody, plainText } from './gemini-request.ts';

/** All text anywhere in a body: enough to count by. */
function textsIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .filter(([key]) => key !== 'role' && key !== 'type')
    .map(([, inner]) => textsIn(inner))
    .filter((text) => text !== '')
    .join('\n');
}

const ResponsesBody = z.looseObject({ model: z.string(), input: z.unknown().optional(), instructions: z.string().optional() });
const MessagesBody = z.looseObject({ model: z.string(), messages: z.array(z.unknown()).min(1), system: z.unknown().optional() });
const GeminiCount = z.union([
  GeminiBody.pick({ contents: true }).strict(),
  z.strictObject({ generateContentRequest: GeminiBody.extend({ model: z.string() }) }),
]);

/** POST /v1/responses/input_tokens */
export const openaiInputTokens: FreeRoute = {
  kind: 'free',
  vendor: openai,
  method: 'POST',
  path: /^\/v1\/responses\/input_tokens$/,
  answer(request) {
    const { input, instructions } = ResponsesBody.parse(request.body);
    return jsonReply({ object: 'response.input_tokens', input_tokens: countTokens(textsIn([instructions, input])) });
  },
};

/** POST /v1/messages/count_tokens */
export const claudeCountTokens: FreeRoute = {
  kind: 'free',
  vendor: claude,
  method: 'POST',
  path: /^\/v1\/messages\/count_tokens$/,
  answer(request) {
    const { messages, system } = MessagesBody.parse(request.body);
    return jsonReply({ input_tokens: countTokens(textsIn([system, messages])) });
  },
};

/** POST /v1beta/models/{model}:countTokens */
export const geminiCountTokens: FreeRoute = {
  kind: 'free',
  vendor: gemini,
  method: 'POST',
  path: /^\/v1beta\/models\/[^/:]+:countTokens$/,
  answer(request) {
    const body = GeminiCount.parse(request.body);
    const { contents, systemInstruction } =
      'contents' in body ? { contents: body.contents, systemInstruction: undefined } : body.generateContentRequest;
    return jsonReply({ totalTokens: countTokens(textsIn([plainText(systemInstruction), ...contents.map(plainText)])) });
  },
};
