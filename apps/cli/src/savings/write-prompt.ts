import { AUDIO_REQUEST_TYPE } from '@ai-core/core';
import { createRandom, drawLength, type Random } from './random.ts';
import type { RequestMix } from './request-mix.ts';

const WORDS =
  'about a and answer before between bridge bring careful city class clear coffee cook country daily describe dinner during early evening example family festival find follow forest friend garden gentle grammar group happy harbour hear history holiday house island journey kitchen language large learn letter listen little long market meeting middle money morning mountain music nature never north notice often order paint paper part people phrase picture plan polite practice question quiet rain reach read reason remember rice river road school season sentence short simple sing small south speak spring station story street summer table teach the then thing through ticket to together train travel useful verb village visit voice walk water weather weekend with word work write year young'.split(
    ' ',
  );

/** What a prompt of each type begins with; its topic makes it unlike any other. */
const OPENINGS: Readonly<Record<string, string>> = {
  quiz: 'Write a quiz on topic',
  lesson_script: 'Write the script of a lesson on topic',
  email: 'Write a short mail to a learner about topic',
  podcast_script: 'Write a dialogue for a podcast on topic',
  report: 'Write a report on the progress in topic',
  [AUDIO_REQUEST_TYPE]: 'Topic',
};

function drawWords(random: Random, isLongEnough: (text: string[]) => boolean): string {
  const words: string[] = [];
  do {
    words.push(WORDS[Math.floor(random() * WORDS.length)] ?? 'word');
  } while (!isLongEnough(words));
  return words.join(' ');
}

/** The text of one prompt: the same for the same seed, type and rank, and for no other. */
export function writePrompt(seed: number, { requestType, length }: Pick<RequestMix, 'requestType' | 'length'>, rank: number): string {
  const random = createRandom(`${seed} ${requestType} ${rank}`);
  const wanted = drawLength(random, length);
  const opening = `${OPENINGS[requestType] ?? 'Write about topic'} ${rank + 1}.`;
  let characters = opening.length;
  const isSpoken = requestType === AUDIO_REQUEST_TYPE;
  const body = drawWords(random, (words) => {
    characters += (words.at(-1)?.length ?? 0) + 1;
    return isSpoken ? characters >= wanted : words.length >= wanted;
  });
  return `${opening} ${body}.`;
}

/** The same prompt as another learner types it: other capitals and spaces, the same question. */
export function respell(random: Random, prompt: string): string {
  const spelled = random() < 0.5 ? prompt.toUpperCase() : prompt.toLowerCase();
  return `  ${spelled.replace(' ', '   ')}\n`;
}
