import { describe, expect, it } from 'vitest';
import { parseFault } from './fault.ts';
import { faultRules, type FaultTarget } from './fault-rules.ts';
import { seededRandom } from './random.ts';

function target(changes: Partial<FaultTarget> = {}): FaultTarget {
  return { provider: 'openai', model: 'gpt-6-luna', prompt: 'Explain particles', promptSha256: 'abc', header: undefined, ...changes };
}

describe('faultRules', () => {
  it('strikes nothing as long as nothing was asked for', () => {
    expect(faultRules(seededRandom('1')).pick(target())).toBeUndefined();
  });

  it('strikes only the calls a rule names, as many times as it says', () => {
    const rules = faultRules(seededRandom('1'));
    rules.add({ provider: 'openai', model: 'gpt-6-luna', match: 'particles', fault: 'server', times: 2 });
    expect(rules.pick(target({ provider: 'claude' }))).toBeUndefined();
    expect(rules.pick(target({ model: 'gpt-4o' }))).toBeUndefined();
    expect(rules.pick(target({ prompt: 'Verbs' }))).toBeUndefined();
    expect(rules.pick(target())?.name).toBe('server');
    expect(rules.list()).toMatchObject([{ times: 1 }]);
    expect(rules.pick(target())?.name).toBe('server');
    expect(rules.pick(target())).toBeUndefined();
  });

  it('strikes no prompt twice when a rule says so', () => {
    const rules = faultRules(seededRandom('1'));
    rules.add({ fault: 'cut', oncePerPrompt: true, times: 2 });
    expect(rules.pick(target())?.name).toBe('cut');
    expect(rules.pick(target())).toBeUndefined();
    expect(rules.pick(target({ promptSha256: 'another prompt' }))?.name).toBe('cut');
    expect(rules.pick(target({ promptSha256: 'a third one' }))).toBeUndefined();
  });

  it('strikes about the share of calls that a rule names', () => {
    const rules = faultRules(seededRandom('1'));
    rules.add({ fault: 'overloaded', share: 0.25 });
    const struck = Array.from({ length: 2_000 }, () => rules.pick(target())).filter((fault) => fault !== undefined);
    expect(struck.length).toBeGreaterThan(400);
    expect(struck.length).toBeLessThan(600);
  });

  it('reads a mark in the prompt, with its number of times, provider and parameters', () => {
    const rules = faultRules(seededRandom('1'));
    const marked = target({ prompt: 'Hello [[fault:rate-limit?retry-after=7&times=1&provider=openai]] there' });
    expect(rules.pick({ ...marked, provider: 'claude' })).toBeUndefined();
    expect(rules.pick(marked)).toMatchObject({ name: 'rate-limit', parameters: { 'retry-after': '7' } });
    expect(rules.pick(marked)).toBeUndefined();
    expect(rules.pick({ ...marked, promptSha256: 'another prompt' })?.name).toBe('rate-limit');
  });

  it('obeys the header before rules, and rules before marks', () => {
    const rules = faultRules(seededRandom('1'));
    const id = rules.add({ fault: 'server' });
    const marked = target({ prompt: '[[fault:overloaded]]' });
    expect(rules.pick({ ...marked, header: 'quota' })?.name).toBe('quota');
    expect(rules.pick(marked)?.name).toBe('server');
    expect(rules.remove(id)).toBe(true);
    expect(rules.remove(id)).toBe(false);
    expect(rules.pick(marked)?.name).toBe('overloaded');
  });

  it('refuses a fault nobody knows, and names those it knows', () => {
    expect(() => faultRules(seededRandom('1')).add({ fault: 'earthquake' })).toThrow(/no fault named "earthquake".*rate-limit/);
    expect(() => parseFault('constructor')).toThrow(/no fault named/);
  });
});
