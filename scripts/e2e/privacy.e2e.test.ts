import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumpDatabase, dumpRedis } from './dump-places.ts';
import { startFleet, type Fleet } from './fleet.ts';

const VALUES = 1_000;

describe('personal data', () => {
  let fleet: Fleet;
  const logged: string[] = [];
  const log = (fields: object, message: string): void => void logged.push(JSON.stringify([fields, message]));
  beforeAll(async () => {
    fleet = await startFleet({
      queue: 'redis',
      simulator: { keepPrompts: true },
      worker: { log: { debug: log, info: log, warn: log, error: log } },
    });
  });
  afterAll(() => fleet.stop());

  it('of two callers shares one template, and each gets its own back', async () => {
    const ask = (name: string, email: string) =>
      fleet.aiCore.generateText({
        requestType: 'email',
        prompt: `Repeat exactly: Dear ${name}, we write to ${email}.`,
        knownNames: [name],
        timeoutMs: 20_000,
      });
    const anna = await ask('Anna Schmidt', 'anna@example.com');
    const taro = await ask('山田太郎', 'taro.yamada@example.co.jp');
    expect(anna.source).toBe('provider');
    expect(taro.source).toBe('memory');
    expect(fleet.simulator.bill()).toHaveLength(1);
    for (const [answer, own, other] of [
      [anna, ['Anna Schmidt', 'anna@example.com'], ['山田太郎', 'taro.yamada@example.co.jp']],
      [taro, ['山田太郎', 'taro.yamada@example.co.jp'], ['Anna Schmidt', 'anna@example.com']],
    ] as const) {
      expect(answer.text).not.toMatch(/[⟦⟧]/);
      for (const value of other) expect(answer.text).not.toContain(value);
      // The simulator quotes its prompt, so the caller's own values stand in the answer again.
      for (const value of own) expect(answer.text).toContain(value);
    }
  });

  it(`of ${VALUES} marked values is found nowhere but in the callers' own answers`, async () => {
    const marks = Array.from({ length: VALUES }, (_, index) => ({
      email: `marked.person${index}@canary.example.org`,
      name: `Canaryname${index}x`,
    }));
    const answers: string[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, lane) => {
        for (let index = lane; index < VALUES; index += 20) {
          const mark = marks[index];
          if (mark === undefined) continue;
          const answer = await fleet.aiCore.generateText({
            requestType: 'email',
            prompt: `Letter ${index % 50}: Repeat exactly: ${mark.name} <${mark.email}>`,
            options: { topic: `for ${mark.name}` },
            knownNames: [mark.name],
            timeoutMs: 60_000,
          });
          answers[index] = answer.text;
        }
      }),
    );
    // 50 letters, each bought once although a different person asks each time.
    expect(fleet.simulator.bill().length).toBeLessThanOrEqual(51);
    for (const [index, text] of answers.entries()) {
      expect(text).not.toMatch(/[⟦⟧]/);
      for (const other of text.match(/canaryname\d+x/gi) ?? []) expect(other.toLowerCase()).toBe(`canaryname${index}x`);
    }
    const places: Record<string, string> = {
      postgres: await dumpDatabase(fleet),
      redis: await dumpRedis(fleet),
      logs: logged.join('\n'),
      prompts: JSON.stringify(fleet.simulator.control().prompts()),
      bill: JSON.stringify(fleet.simulator.bill()),
    };
    expect(places['postgres']?.length).toBeGreaterThan(10_000);
    expect(places['prompts']).toContain('⟦EMAIL_1⟧');
    for (const [place, content] of Object.entries(places)) {
      expect(content.match(/marked\.person\d+|canaryname\d+/i)?.[0], `found in ${place}`).toBeUndefined();
    }
  });
});
