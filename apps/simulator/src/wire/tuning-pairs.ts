import { z } from 'zod';
import type { Pair } from '../tuning.ts';

const Chat = z.strictObject({ messages: z.array(z.object({ role: z.string(), content: z.string() })).min(2) });
const Contents = z.object({
  contents: z.array(z.object({ role: z.string(), parts: z.array(z.object({ text: z.string() })).min(1) })).min(2),
});

/**
 * Question and answer of each line of a training file.
 * @throws Error for a line that the vendor would refuse
 */
export function readPairs(file: Buffer, format: 'chat' | 'contents'): Pair[] {
  const lines = file
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => {
    const value: unknown = JSON.parse(line);
    const turns =
      format === 'chat'
        ? Chat.parse(value).messages.map(({ role, content }) => ({ role, text: content }))
        : Contents.parse(value).contents.map(({ role, parts }) => ({ role, text: parts[0]?.text ?? '' }));
    const answer = turns.at(-1);
    const question = turns.findLast(({ role }) => role === 'user');
    if (answer === undefined || question === undefined || answer === question) throw new Error('Every example must end with an answer.');
    return { question: question.text, answer: answer.text };
  });
}
