import { parseTextRequest } from '@ai-core/core';
import { describe, expect, it } from 'vitest';
import type { Conversation } from './redact-request.ts';
import { createRecognised, type RecognisedText } from './recognised.ts';

const TEXT = {} as RecognisedText;
const ASKED = { request_type: 'quiz', prompt: 'Ask me about tides.', options: { language: 'en' }, user_category: 'student' };

function isKnownAfter(other: object, conversation: Conversation = {}): boolean {
  const recognised = createRecognised();
  recognised.set({ request: parseTextRequest(ASKED), conversation: {} }, TEXT);
  return recognised.get({ request: parseTextRequest({ ...ASKED, ...other }), conversation }) !== undefined;
}

describe('recognising a request', () => {
  it.each([
    ['who asks', { user_id: '7' }],
    ['from where', { endpoint: 'lessons' }],
    ['how urgently', { priority: 9, lane: 'batch', deadline_s: 60, wait_s: 0 }],
    ['how fresh the answer has to be', { max_age_s: 10 }],
  ])('does not look at %s', (_, other) => {
    expect(isKnownAfter(other)).toBe(true);
  });

  it.each([
    ['prompt', { prompt: 'Ask me about tides' }],
    ['request type', { request_type: 'chat' }],
    ['options', { options: { language: 'de' } }],
    ['scope', { scope: 'mine' }],
    ['category of the user', { user_category: 'teacher' }],
    ['known names', { known_names: ['Tides'] }],
    ['pin', { provider: 'openai', model: 'gpt-5-nano' }],
    ['limit of the cost', { max_cost_usd: '0.1' }],
    ['cache mode', { cache: 'bypass' }],
  ])('takes another %s for another request', (_, other) => {
    expect(isKnownAfter(other)).toBe(false);
  });

  it.each([
    ['messages', { messages: [{ role: 'user', content: 'Ask me about tides.' }] }],
    ['tools', { tools: [{ type: 'function', function: { name: 'tides' } }] }],
  ])('takes a conversation with %s for another request', (_, conversation) => {
    expect(isKnownAfter({}, conversation)).toBe(false);
  });
});
