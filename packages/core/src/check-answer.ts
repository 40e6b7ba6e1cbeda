/** What can be told about an answer without a judge: does it have the form its request asked for. */
import { wantsJson } from './request-options.ts';
import type { Json } from './request.ts';
import { skeleton } from './training-example.ts';

export interface AnswerToCheck {
  readonly requestType: string;
  readonly prompt: string;
  readonly options: Readonly<Record<string, Json>>;
  readonly text: string;
  /** An answer that people found good; null = there is none. */
  readonly reference: string | null;
}

interface Check {
  readonly applies: (answer: AnswerToCheck) => boolean;
  readonly passes: (answer: AnswerToCheck) => boolean;
}

/** Scripts that an answer in a language cannot do without. */
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  ja: /[\u3040-\u30ff\u4e00-\u9fff]/,
  zh: /[\u4e00-\u9fff]/,
  ko: /[\uac00-\ud7af]/,
  ru: /[\u0400-\u04ff]/,
  ar: /[\u0600-\u06ff]/,
  th: /[\u0e00-\u0e7f]/,
};
const PLACEHOLDER = /⟦[A-Z_]+_[\d.]+⟧/g;
const DECLINED = /^\s*(i['’]?m sorry|i am sorry|sorry,|i cannot|i can['’]t|as an ai\b)/i;

function languageOf({ options }: AnswerToCheck): string {
  return typeof options['language'] === 'string' ? (options['language'].toLowerCase().split('-')[0] ?? '') : '';
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

/** Words of a text that say something. */
function tellingWords(text: string): string[] {
  return skeleton(text)
    .split(' ')
    .filter((word) => word.length > 3 || /[^\p{ASCII}]/u.test(word));
}

const CHECKS = {
  not_empty: { applies: () => true, passes: ({ text }) => text.trim().length > 1 },
  not_declined: { applies: () => true, passes: ({ text }) => !DECLINED.test(text) },
  json: { applies: ({ options }) => wantsJson(options), passes: ({ text }) => isJson(text) },
  language: {
    applies: (answer) =>
      languageOf(answer) in SCRIPTS && answer.reference !== null && (SCRIPTS[languageOf(answer)]?.test(answer.reference) ?? false),
    passes: (answer) => SCRIPTS[languageOf(answer)]?.test(answer.text) ?? true,
  },
  questions: {
    applies: ({ requestType, reference }) => /quiz|question|exercise/.test(requestType) && (reference ?? '').includes('?'),
    passes: ({ text }) => /[?？]/.test(text),
  },
  placeholders: {
    applies: ({ text }) => PLACEHOLDER.test(text),
    passes: ({ prompt, text }) => (text.match(PLACEHOLDER) ?? []).every((placeholder) => prompt.includes(placeholder)),
  },
  length: {
    applies: ({ reference }) => reference !== null && reference.length >= 200,
    passes: ({ text, reference }) => text.length >= (reference ?? '').length / 5 && text.length <= (reference ?? '').length * 5,
  },
  on_topic: {
    applies: ({ prompt, reference }) => reference !== null && tellingWords(prompt).some((word) => skeleton(reference).includes(word)),
    passes: ({ prompt, reference, text }) => {
      const answer = skeleton(text);
      return tellingWords(prompt).some((word) => skeleton(reference ?? '').includes(word) && answer.includes(word));
    },
  },
} as const satisfies Record<string, Check>;

export type AnswerCheck = keyof typeof CHECKS;

export interface CheckedAnswer {
  /** The reference to the letter and digit: nothing more has to be asked. */
  readonly exact: boolean;
  readonly failed: readonly AnswerCheck[];
}

/** Checks an answer by the rules that apply to its request. */
export function checkAnswer(answer: AnswerToCheck): CheckedAnswer {
  const names = Object.keys(CHECKS) as AnswerCheck[];
  return {
    exact: answer.reference !== null && skeleton(answer.reference) === skeleton(answer.text),
    failed: names.filter((name) => {
      const check: Check = CHECKS[name];
      return check.applies(answer) && !check.passes(answer);
    }),
  };
}
