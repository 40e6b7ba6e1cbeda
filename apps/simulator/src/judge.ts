/** A model that is asked which of two answers is better reads them: the one that has more to do with the question and says something is better. */
import type { TextOrder } from './wire.ts';

const PARTS =
  /<question>\s*([\s\S]*?)\s*<\/question>[\s\S]*<answer_a>\s*([\s\S]*?)\s*<\/answer_a>[\s\S]*<answer_b>\s*([\s\S]*?)\s*<\/answer_b>/;

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? [];
}

/** 0 = nothing of the question is in it; 3 = some of it is, in whole sentences. */
function worth(question: ReadonlySet<string>, answer: string): number {
  const words = new Set(wordsOf(answer));
  const related = [...question].some((word) => words.has(word));
  return (related ? 2 : 0) + (words.size >= 8 ? 1 : 0);
}

const ONE = /<question>\s*([\s\S]*?)\s*<\/question>[\s\S]*<answer>\s*([\s\S]*?)\s*<\/answer>/;

function grade(prompt: string): string | undefined {
  const [, question, answer] = ONE.exec(prompt) ?? [];
  if (question === undefined || answer === undefined) return undefined;
  return JSON.stringify({ grade: worth(new Set(wordsOf(question)), answer) === 3 ? 'good' : 'bad' });
}

/** @returns the verdict as JSON; undefined when nothing is to be judged */
export function judge({ prompt }: Pick<TextOrder, 'prompt'>): string | undefined {
  const [, question, first, second] = PARTS.exec(prompt) ?? [];
  if (question === undefined || first === undefined || second === undefined) return grade(prompt);
  const asked = new Set(wordsOf(question));
  const [one, two] = [worth(asked, first), worth(asked, second)];
  return JSON.stringify({ better: one === two ? 'equal' : one > two ? 'A' : 'B' });
}
