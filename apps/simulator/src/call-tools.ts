import { createHash } from 'node:crypto';
import { seededRandom } from './random.ts';
import type { CalledTool, OfferedTool, TextOrder } from './wire.ts';
import { writeJson } from './write-json.ts';
import { peopleIn, subjectOf } from './write-text.ts';

/** What a conversation asks of the functions in it. */
export interface ToolWish {
  readonly offered: readonly OfferedTool[];
  /** Name of the one to call, or any of them, or as the model likes, or none. */
  readonly choice: 'none' | 'auto' | 'required' | { readonly name: string };
  /** The last message is what a function returned: now it is the model's turn to speak. */
  readonly answered: boolean;
  /** More than one may be called at once. */
  readonly parallel: boolean;
  readonly prompt: string;
}

/** A prompt asks for a function by the words of its name: `get_weather` by "weather". */
function isWanted({ name }: OfferedTool, prompt: string): boolean {
  const words = name.toLowerCase().split(/[_-]+/);
  return words.some((word) => word.length > 3 && prompt.toLowerCase().includes(word));
}

/**
 * The functions a model decides to call: those the prompt has words of, or the one it is told to call, or the first where it must
 * call one. After their results it speaks.
 */
export function chooseTools({ offered, choice, answered, parallel, prompt }: ToolWish): OfferedTool[] {
  if (choice === 'none') return [];
  if (typeof choice === 'object') return offered.filter(({ name }) => name === choice.name);
  if (answered && choice === 'auto') return [];
  const wanted = offered.filter((tool) => isWanted(tool, prompt));
  const chosen = wanted.length === 0 && choice === 'required' ? offered.slice(0, 1) : wanted;
  return parallel ? chosen : chosen.slice(0, 1);
}

/** Calls of the order's functions with arguments that fit their schemas and name the people of the prompt; always the same for the same order. */
export function callTools(order: TextOrder, seed: string): CalledTool[] {
  const subject = [subjectOf(order.prompt), ...peopleIn(order.prompt)].join(' ');
  return order.tools.map(({ name, parameters }, index) => {
    const key = `${seed} ${order.model} ${order.input} ${name} ${index}`;
    const id = `call_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
    return { id, name, args: writeJson(parameters ?? { type: 'object' }, { random: seededRandom(key), subject }) };
  });
}
