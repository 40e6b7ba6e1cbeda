import type { TrainingExample } from '../training-example.ts';

/** A whole question as one text, for formats without roles: a single message is itself, of several each says who speaks. */
export function joinedPrompt({ messages }: Pick<TrainingExample, 'messages'>): string {
  if (messages.length === 1) return messages[0]?.content ?? '';
  return messages.map(({ role, content }) => `${role === 'user' ? 'User' : 'Assistant'}: ${content}`).join('\n\n');
}
