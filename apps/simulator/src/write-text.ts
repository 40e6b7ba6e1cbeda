import { LESSON_PHRASES, type Phrases } from './lesson-phrases.ts';
import { countTokens, firstTokens } from './count-tokens.ts';
import { pick, type Random, rounds, seededRandom } from './random.ts';
import { writeJson } from './write-json.ts';
import type { Outcome, TextOrder } from './wire.ts';

/** What a reader would call the subject: the first words of the prompt that are not small talk. */
const SMALL_WORDS = new Set(
  'about after also and answer any are can come create could each easy english exactly explain every example for from generate give have how into japanese keep lesson level like make many must need podcast please prompt question questions quiz report request script short should some student students text than that the their them then these they this those three topic use using very want what when where which with word words write you your'.split(
    ' ',
  ),
);
const JAPANESE = /[\u3040-\u30ff\u4e00-\u9fff]/;
const ASKED_FOR_JAPANESE = /\bin Japanese\b|\(ja\)/i;
/** Placeholders of redacted personal data; a model that writes to a person uses them. */
const PLACEHOLDER = /⟦[A-Z_]+_\d+⟧/g;
const MARKS = /\[\[fault:[^\]]*\]\]/g;

const SHORTEST_TOKENS = 60;
const LONGEST_TOKENS = 380;

function phrasesFor(prompt: string, input: string): Phrases {
  return LESSON_PHRASES[JAPANESE.test(prompt) || ASKED_FOR_JAPANESE.test(input) ? 'ja' : 'en'];
}

/** The people a prompt names, by their placeholders. */
export function peopleIn(prompt: string): string[] {
  return [...new Set(prompt.match(PLACEHOLDER) ?? [])];
}

/** The subject of a prompt in a few words of its own. */
export function subjectOf(prompt: string, phrases: Phrases = phrasesFor(prompt, prompt)): string {
  const words = prompt.replaceAll(PLACEHOLDER, ' ').match(/[\p{L}\p{N}][\p{L}\p{N}'-]{2,}/gu) ?? [];
  const telling = words.filter((word) => JAPANESE.test(word) || !SMALL_WORDS.has(word.toLowerCase()));
  return [...new Set(telling)].slice(0, 3).join(' ') || phrases.anySubject;
}

function* sentences(random: Random, phrases: Phrases, subject: string): Generator<string> {
  const fill = (sentence: string): string => sentence.replaceAll('{subject}', subject);
  const points = rounds(random, phrases.points);
  const explanations = rounds(random, phrases.explanations);
  const examples = rounds(random, phrases.examples);
  const exercises = rounds(random, phrases.exercises);
  yield fill(pick(random, phrases.openings));
  for (let paragraph = 1; ; paragraph += 1) {
    yield `\n\n${paragraph}. ${fill(points.next().value)}`;
    yield phrases.space + fill(explanations.next().value);
    yield phrases.space + fill(examples.next().value);
    if (paragraph % 2 === 0) yield phrases.space + fill(exercises.next().value);
  }
}

/**
 * Writes the answer of a model: prose that looks like a lesson about the prompt's subject, in English or Japanese.
 * The same seed, model and input always give the same text; another model gives another one.
 * @param order what was asked for
 * @param options `seed` of the simulator; `budgetTokens` the most the answer itself may have
 * @returns the text, and `length` when not even one sentence fits
 */
export function writeText(
  order: TextOrder,
  { seed, budgetTokens }: { seed: string; budgetTokens: number },
): { text: string; outcome: Outcome } {
  const random = seededRandom(`${seed} ${order.model} ${order.input}`);
  const input = order.input.replaceAll(MARKS, ' ');
  const prompt = order.prompt.replaceAll(MARKS, ' ');
  const phrases = phrasesFor(prompt, input);
  const subject = subjectOf(prompt, phrases);

  if (order.json) {
    const text = JSON.stringify(writeJson(order.json.schema, { random, subject }));
    return countTokens(text) <= budgetTokens ? { text, outcome: 'complete' } : { text: firstTokens(text, budgetTokens), outcome: 'length' };
  }

  const wanted = SHORTEST_TOKENS + Math.floor(random() * (LONGEST_TOKENS - SHORTEST_TOKENS));
  const people = peopleIn(prompt);
  const closing = people.length === 0 ? phrases.closing : `${phrases.closing}${phrases.space}${phrases.contact} ${people.join(', ')}`;
  const room = Math.min(wanted, budgetTokens) - countTokens(`\n\n${closing}`);
  let text = '';
  for (const sentence of sentences(random, phrases, subject)) {
    if (countTokens(text + sentence) > room) break;
    text += sentence;
  }
  const whole = text === '' ? closing : `${text}\n\n${closing}`;
  return countTokens(whole) <= budgetTokens
    ? { text: whole, outcome: 'complete' }
    : { text: firstTokens(whole, budgetTokens), outcome: 'length' };
}
