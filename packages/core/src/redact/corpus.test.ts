import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { redact } from '../redact.ts';
import { PERSONAL_KINDS } from './placeholder.ts';
import type { PersonalKind } from './placeholder.ts';

/** Texts with what must vanish and what must stay, in four languages. Each secret names the exact stretch to be replaced. */
const CorpusSchema = z.array(
  z.strictObject({
    language: z.enum(['en', 'ja', 'de', 'es']),
    text: z.string(),
    secrets: z.array(z.strictObject({ kind: z.enum(PERSONAL_KINDS), value: z.string() })),
    survives: z.array(z.string()),
    knownNames: z.array(z.string()).optional(),
    region: z.string().optional(),
  }),
);
const corpus = CorpusSchema.parse(JSON.parse(readFileSync(new URL('corpus.json', import.meta.url), 'utf8')));

interface Score {
  found: number;
  missed: number;
  wrong: number;
}

interface Judged {
  readonly scores: Record<PersonalKind, Score>;
  readonly faults: string[];
}

const key = ({ kind, value }: { kind: string; value: string }): string => `${kind} ${value}`;

function judge(): Judged {
  const scores = Object.fromEntries(PERSONAL_KINDS.map((kind) => [kind, { found: 0, missed: 0, wrong: 0 }])) as Record<PersonalKind, Score>;
  const faults: string[] = [];
  for (const { text, secrets, knownNames, region } of corpus) {
    const { values } = redact(text, { knownNames, region });
    const wanted = [...new Set(secrets.map(key))];
    const found = values.map(key);
    for (const kind of PERSONAL_KINDS) {
      const ofKind = (entries: readonly string[]): string[] => entries.filter((entry) => entry.startsWith(`${kind} `));
      const missed = ofKind(wanted.filter((entry) => !found.includes(entry)));
      const wrong = ofKind(found.filter((entry) => !wanted.includes(entry)));
      scores[kind].found += ofKind(found).length - wrong.length;
      scores[kind].missed += missed.length;
      scores[kind].wrong += wrong.length;
      faults.push(...missed.map((entry) => `missed ${entry} in: ${text}`), ...wrong.map((entry) => `wrong ${entry} in: ${text}`));
    }
  }
  return { scores, faults };
}

const recall = ({ found, missed }: Score): number => found / (found + missed);
const precision = ({ found, wrong }: Score): number => found / (found + wrong);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

describe('the corpus', () => {
  const { scores, faults } = judge();

  test('is large enough to mean something: 400 texts, 20 secrets of every kind, 150 texts with nothing to find', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(400);
    expect(corpus.filter(({ secrets }) => secrets.length === 0).length).toBeGreaterThanOrEqual(150);
    for (const kind of PERSONAL_KINDS) expect(scores[kind].found + scores[kind].missed, kind).toBeGreaterThanOrEqual(20);
    for (const { text, secrets, survives } of corpus) {
      for (const { value } of secrets) expect(text).toContain(value);
      for (const piece of survives) expect(text).toContain(piece);
    }
  });

  test('is recognised with at least 99 % recall and 99 % precision in every kind', () => {
    const rows = PERSONAL_KINDS.map((kind) => {
      const score = scores[kind];
      const secrets = String(score.found + score.missed).padStart(7);
      return `${kind.padEnd(6)}${secrets}${percent(recall(score)).padStart(10)}${percent(precision(score)).padStart(11)}`;
    });
    process.stdout.write(`\nkind  secrets    recall  precision   (${corpus.length} texts)\n${rows.join('\n')}\n\n`);
    for (const kind of PERSONAL_KINDS) {
      expect(recall(scores[kind]), `recall of ${kind}: ${faults.join('; ')}`).toBeGreaterThanOrEqual(0.99);
      expect(precision(scores[kind]), `precision of ${kind}: ${faults.join('; ')}`).toBeGreaterThanOrEqual(0.99);
    }
  });

  test('keeps what is not personal', () => {
    const broken = corpus.flatMap(({ text, survives, knownNames, region }) => {
      const redacted = redact(text, { knownNames, region }).text;
      return survives.filter((piece) => !redacted.includes(piece)).map((piece) => `${piece} → ${redacted}`);
    });
    expect(broken).toEqual([]);
  });
});
