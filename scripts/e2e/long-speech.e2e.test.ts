import { buffer } from 'node:stream/consumers';
import { splitSpeech, summariseMp3 } from '@ai-core/core';
import { checkInvariants, checkRollUp, rollUp } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIO_ROLES, startFleet, type Fleet } from './fleet.ts';

const CHARACTERS = 50_000;
const LIMIT = { amount: 5_000, unit: 'bytes' } as const;
const EDITS = 2;

/** A Japanese script with no sentence twice, as the same seed always gives it. */
function makeScript(): string[] {
  const subjects = ['先生は', '学生が', '母は', '友だちが', '旅行者は', '店員が'];
  const middles = ['朝早く', '昨日の午後', '図書館で', '駅の前で', '静かな部屋で', '雨の日に'];
  const endings = ['新しい言葉を覚えました', '長い手紙を書いています', '昔の話を聞かせてくれた', '次の電車を待っています'];
  const sentences: string[] = [];
  for (let index = 0, length = 0; length < CHARACTERS; length += sentences.at(-1)?.length ?? 0, index++) {
    const pick = (words: readonly string[], by: number): string => words[Math.floor(index / by) % words.length] ?? '';
    sentences.push(`${index + 1}番目の文では、${pick(subjects, 1)}${pick(middles, 6)}${pick(endings, 36)}。`);
  }
  return sentences;
}

describe(`a Japanese script of ${CHARACTERS} characters, spoken by google_tts`, () => {
  const script = makeScript();
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis', roles: AUDIO_ROLES, simulator: { speech: 'tiled', keepPrompts: true } });
  });
  afterAll(() => fleet.stop());

  const speak = (sentences: readonly string[]) =>
    fleet.aiCore.generateAudio({ text: sentences.join(''), language: 'ja', provider: 'google_tts', user: 7, timeoutMs: 110_000 });

  async function readObject(file: string): Promise<Uint8Array> {
    const opened = await fleet.objects.get(file);
    if (opened === undefined) throw new Error(`${file} is gone`);
    return buffer(opened.stream);
  }

  it('is one MP3 as long as its parts, each of which is under 5,000 bytes, paid and remembered by itself', async () => {
    const answer = await speak(script);
    const bill = fleet.simulator.bill();
    const parts = splitSpeech(script.join(''), { language: 'ja', limit: LIMIT });
    expect(bill).toHaveLength(parts.length);
    expect(parts.length).toBeGreaterThan(30);
    for (const prompt of fleet.simulator.control().prompts() ?? []) expect(Buffer.byteLength(prompt)).toBeLessThanOrEqual(LIMIT.amount);

    const { rows } = await fleet.database.pool.query<{ prompt_text: string; file: string; cost: bigint }>(
      `select m.prompt_text, m.generated_audio_file as file, m.cost_nano_usd as cost from ai_memory m join ai_attempt a on a.id = m.id where a.part is not null`,
    );
    expect(rows.map((row) => row.prompt_text).toSorted()).toEqual(parts.toSorted());
    let seconds = 0;
    for (const { file } of rows) seconds += summariseMp3(await readObject(file))?.seconds ?? 0;
    const decoded = summariseMp3(answer.audio);
    expect(Math.abs((decoded?.seconds ?? 0) - seconds)).toBeLessThan(0.1);
    expect(answer.seconds).toBeCloseTo(seconds, 3);
    expect(answer.bytes).toBe(answer.audio.length);

    const cost = rows.reduce((sum, row) => sum + row.cost, 0n);
    expect(answer).toMatchObject({ source: 'provider', costNanoUsd: cost, savedNanoUsd: 0n });
    const usage = await fleet.database.pool.query<{ row_kind: string; n: bigint; cost: bigint; ok: boolean }>(
      `select row_kind, count(*) as n, sum(cost_nano_usd)::bigint as cost, bool_and(success and user_id = '7') as ok from ai_usage_log group by row_kind order by row_kind`,
    );
    expect(usage.rows).toEqual([
      { row_kind: 'attempt', n: BigInt(parts.length), cost, ok: true },
      { row_kind: 'request', n: 1n, cost: 0n, ok: true },
    ]);
  });

  it('comes from memory as a whole the second time', async () => {
    const since = fleet.simulator.bill().length;
    const answer = await speak(script);
    expect(answer).toMatchObject({ source: 'memory', cached: true, costNanoUsd: 0n });
    expect(answer.savedNanoUsd).toBeGreaterThan(0n);
    expect(fleet.simulator.bill()).toHaveLength(since);
  });

  it('buys one part or two anew when one of its sentences is edited, and says what it has saved', async () => {
    let bought = 0;
    for (let edit = 0; edit < EDITS; edit++) {
      const since = fleet.simulator.bill().length;
      const at = Math.floor(((edit + 0.5) / EDITS) * script.length);
      const answer = await speak(script.with(at, `${edit}番目の文を、今日ここで書き直しました。`));
      const calls = fleet.simulator.bill().length - since;
      bought += calls;
      expect(answer.source).toBe('provider');
      expect(answer.costNanoUsd).toBeGreaterThan(0n);
      expect(answer.savedNanoUsd).toBeGreaterThan((answer.costNanoUsd ?? 0n) * 10n);
    }
    expect(bought).toBeGreaterThanOrEqual(EDITS);
    expect(bought).toBeLessThanOrEqual(2 * EDITS);
  });

  it('is bought once for two workers and two scripts that share their parts', async () => {
    const other = await fleet.openWorker({ concurrency: 1 });
    const since = fleet.simulator.bill().length;
    const fresh = script.slice(0, 200).map((sentence) => `また、${sentence}`);
    const scripts = [fresh, [...fresh, '最後の一文です。'], [...fresh, '別の終わりです。']];
    await Promise.all(scripts.map(speak));
    await other.stop();
    const texts = new Set(scripts.flatMap((sentences) => splitSpeech(sentences.join(''), { language: 'ja', limit: LIMIT })));
    expect(fleet.simulator.bill().length - since).toBe(texts.size);
  });

  it('pays only for what is missing after a part has failed', async () => {
    const since = fleet.simulator.bill().length;
    const fresh = script.slice(0, 250).map((sentence) => `さて、${sentence}`);
    fleet.simulator.control().addFault({ provider: 'google_tts', fault: 'unavailable', match: 'さて、150番目', times: 2 });
    await speak(fresh);
    fleet.simulator.control().clearFaults();
    expect(fleet.simulator.bill().length - since).toBe(splitSpeech(fresh.join(''), { language: 'ja', limit: LIMIT }).length);
  });

  it('leaves sound accounts', async () => {
    await fleet.aiCore.close();
    await rollUp(fleet.database);
    expect((await checkRollUp(fleet.database)).differences).toEqual([]);
    expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
  });
});
