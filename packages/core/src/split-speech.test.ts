import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSentences } from './split-speech-sentences.ts';
import { splitSpeech, type SplitSpeechOptions } from './split-speech.ts';

const GOOGLE: SplitSpeechOptions = { language: 'ja', limit: { amount: 5_000, unit: 'bytes' } };

const LIMITS: SplitSpeechOptions['limit'][] = [
  { amount: 5_000, unit: 'bytes' },
  { amount: 4_096, unit: 'characters' },
  { amount: 8_192, unit: 'tokens' },
  { amount: 120, unit: 'bytes' },
  { amount: 100, unit: 'characters' },
];

/** Random text, as the same seed always gives it. */
function randomText(seed: number): { sentence(): string; below(count: number): number } {
  let state = seed;
  const below = (count: number): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * count);
  };
  const characters = Array.from(
    'あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん日本語学校先生勉強今日明日',
  );
  const sentence = (): string =>
    `${Array.from({ length: 15 + below(50) }, (_, index) => (index % 14 === 13 ? '、' : characters[below(characters.length)])).join('')}。`;
  return { sentence, below };
}

function script(seed: number, characters: number): string[] {
  const { sentence } = randomText(seed);
  const sentences: string[] = [];
  for (let length = 0; length < characters; length += sentences.at(-1)?.length ?? 0) sentences.push(sentence());
  return sentences;
}

const alphabet = fc.constantFrom(...Array.from('aあ日é。！？.!?,、 \n」"👍'), 'e\u0301', '👩‍👩‍👧‍👦', '🇯🇵', 'Mr. ', '3.14', '\r\n', '한국');
const anyText = fc.oneof(fc.string({ unit: alphabet, maxLength: 3_000 }), fc.string({ unit: 'grapheme', maxLength: 400 }));
const anyOptions = fc.record({ language: fc.constantFrom('ja', 'en', 'de-AT', 'hi', ''), limit: fc.constantFrom(...LIMITS) });

describe('splitSpeech', () => {
  it('gives the text back, but for white space between two parts', () => {
    fc.assert(
      fc.property(anyText, anyOptions, (text, options) => {
        let rest = text.trim();
        for (const part of splitSpeech(text, options)) {
          expect(part).toBe(part.trim());
          expect(rest.startsWith(part) && part !== '').toBe(true);
          rest = rest.slice(part.length).trimStart();
        }
        expect(rest).toBe('');
      }),
    );
  });

  it.for(LIMITS)('makes no part longer than $amount $unit', (limit) => {
    const sizeOf = {
      bytes: (part: string) => Buffer.byteLength(part),
      characters: (part: string) => part.length,
      tokens: Buffer.byteLength,
    };
    fc.assert(
      fc.property(anyText, fc.constantFrom('ja', 'en'), (text, language) =>
        splitSpeech(text.repeat(3), { language, limit }).every((part) => sizeOf[limit.unit](part) <= limit.amount),
      ),
    );
  });

  it('never cuts inside a surrogate pair or a grapheme, even where there is no other place', () => {
    const families = '👩‍👩‍👧‍👦'.repeat(400);
    const segmenter = new Intl.Segmenter('ja', { granularity: 'grapheme' });
    for (const part of splitSpeech(families, GOOGLE)) {
      expect(part.isWellFormed()).toBe(true);
      expect(new Set(Array.from(segmenter.segment(part), ({ segment }) => segment))).toEqual(new Set(['👩‍👩‍👧‍👦']));
    }
    expect(splitSpeech(`e${'\u0301'.repeat(6_000)}`, GOOGLE).every((part) => Buffer.byteLength(part) <= 5_000)).toBe(true);
  });

  it('keeps every part of a Japanese script under the 5,000 bytes of google_tts and over 1,500, the last one excepted', () => {
    const sizes = splitSpeech(script(1, 50_000).join(''), GOOGLE).map((part) => Buffer.byteLength(part));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(1_500);
    expect(sizes.length).toBeGreaterThan(30);
  });

  it('ends a part at sentences, even where it is the limit that ends it', () => {
    const sentences = new Set(script(2, 20_000).map((sentence) => sentence.slice(-8)));
    for (const part of splitSpeech(script(2, 20_000).join(''), GOOGLE)) expect(sentences).toContain(part.slice(-8));
  });

  it.for([1, 2])('changes 1.5 parts on average at most when one sentence of 50,000 characters is edited (script %i)', (seed) => {
    const sentences = script(seed, 50_000);
    const before = new Set(splitSpeech(sentences.join(''), GOOGLE));
    const { sentence, below } = randomText(seed + 1_000);
    let changed = 0;
    for (let edit = 0; edit < 200; edit += 1) {
      const edited = sentences.with(below(sentences.length), sentence());
      changed += splitSpeech(edited.join(''), GOOGLE).filter((part) => !before.has(part)).length;
    }
    expect(changed / 200).toBeGreaterThanOrEqual(1);
    expect(changed / 200).toBeLessThanOrEqual(1.5);
  });

  it('cuts at the same sentences whatever the limit, unless a limit comes first', () => {
    const text = script(4, 30_000).join('');
    const wide = splitSpeech(text, { language: 'ja', limit: { amount: 40_000, unit: 'characters' } });
    const wider = splitSpeech(text, { language: 'ja', limit: { amount: 1_000_000, unit: 'bytes' } });
    expect(wide).toEqual(wider);
    expect(splitSpeech(text, GOOGLE).filter((part) => wide.includes(part)).length).toBeGreaterThan(5);
  });

  it('cuts an endless sentence at commas, then between words', () => {
    const clauses = splitSpeech('とても長い文の一節、'.repeat(400), GOOGLE);
    expect(clauses.length).toBeGreaterThan(2);
    expect(clauses.every((part) => part.endsWith('、'))).toBe(true);
    const words = splitSpeech('everlasting '.repeat(900), { ...GOOGLE, language: 'en' });
    expect(words.length).toBeGreaterThan(2);
    expect(words.every((part) => part.startsWith('everlasting') && part.endsWith('everlasting'))).toBe(true);
  });

  it('leaves a short text whole and makes nothing of white space', () => {
    expect(splitSpeech('  Good morning. How are you? \n', { ...GOOGLE, language: 'en' })).toEqual(['Good morning. How are you?']);
    expect(splitSpeech(' \n\t', GOOGLE)).toEqual([]);
  });

  it('refuses a limit that nothing can be said with', () => {
    expect(() => splitSpeech('a', { language: 'en', limit: { amount: 5, unit: 'bytes' } })).toThrow('5 bytes is too small');
    expect(() => splitSpeech('a', { language: 'en', limit: { amount: Number.NaN, unit: 'bytes' } })).toThrow('too small');
  });
});

describe('splitSentences', () => {
  it.for([
    ['en', 'Mr. Brown paid 3.50. He left! "Really?" Yes.', ['Mr. Brown paid 3.50. ', 'He left! ', '"Really?" ', 'Yes.']],
    [
      'en',
      'J. R. Smith wrote it, e.g. here. See ai-core.example.com now.',
      ['J. R. Smith wrote it, e.g. here. ', 'See ai-core.example.com now.'],
    ],
    ['en', 'Wait... what? No!!', ['Wait... what? ', 'No!!']],
    ['de', 'Das kostet ca. 5 Euro, z. B. heute. Gut.', ['Das kostet ca. 5 Euro, z. B. heute. ', 'Gut.']],
    ['ja', '今日は晴れ。明日は？「はい。」と言った。終わり!次.', ['今日は晴れ。', '明日は？', '「はい。」と言った。', '終わり!', '次.']],
    ['ja', '値段は3.5ドル。Node.jsです', ['値段は3.5ドル。', 'Node.jsです']],
    ['zh-CN', '你好。“真的吗？”他说', ['你好。', '“真的吗？”', '他说']],
    ['hi', 'नमस्ते। आप कैसे हैं?', ['नमस्ते। ', 'आप कैसे हैं?']],
    ['ar', 'كيف حالك؟ بخير.', ['كيف حالك؟ ', 'بخير.']],
    ['en', 'Title without a stop\n\nFirst line\nSecond', ['Title without a stop\n\n', 'First line\n', 'Second']],
    ['en', 'One.\n---\nTwo.', ['One.\n---\n', 'Two.']],
    ['en', '*** Start. End.', ['*** Start. ', 'End.']],
  ] as const)('knows the sentences of %s: %s', ([language, text, sentences]) => {
    expect(splitSentences(text, language)).toEqual(sentences);
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('ja', 'en', 'el'), (text, language) => splitSentences(text, language).join('') === text),
    );
  });
});
