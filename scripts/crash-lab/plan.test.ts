import { describe, expect, it } from 'vitest';
import { countActs, planActs, planFloods } from './plan-acts.ts';
import { planLoad } from './plan-load.ts';
import { PROFILES, type Profile } from './profile.ts';
import { createRandom, spreadMoments } from './random.ts';

function planAll(seed: number, profile: Profile) {
  const random = createRandom(seed);
  const acts = planActs(random, profile);
  return { load: planLoad(random, profile, planFloods(acts)), acts };
}

describe('the plan of a run', () => {
  it('is the same for the same seed, and another one for another seed', () => {
    expect(planAll(7, PROFILES.long)).toEqual(planAll(7, PROFILES.long));
    const other = planAll(8, PROFILES.long);
    expect(other.acts).not.toEqual(planAll(7, PROFILES.long).acts);
    expect(other.load.requests).not.toEqual(planAll(7, PROFILES.long).load.requests);
  });

  it.each(Object.entries(PROFILES))('%s: has every act as often as its profile says, each within the load', (_, profile) => {
    for (const seed of [1, 2, 3]) {
      const { acts } = planAll(seed, profile);
      expect(countActs(acts)).toEqual(profile.acts);
      expect(acts.every(({ atMs }) => atMs >= 0 && atMs < profile.loadMs)).toBe(true);
      expect(acts.map(({ atMs }) => atMs)).toEqual(acts.map(({ atMs }) => atMs).toSorted((one, two) => one - two));
    }
  });

  it.each(Object.entries(PROFILES))('%s: loses replies while the workers live to the end', (_, profile) => {
    for (const seed of [1, 2, 3]) {
      const { acts } = planAll(seed, profile);
      const last = (name: string) => acts.findLast(({ act }) => act === name)?.atMs ?? 0;
      expect(last('postgres_replies_lost')).toBeGreaterThan(last('worker_sigkill'));
    }
  });

  it('floods the queues with new work just before each FLUSHALL', () => {
    const { load, acts } = planAll(1, PROFILES.long);
    for (const { atMs } of acts.filter(({ act }) => act === 'redis_flushall')) {
      const justBefore = load.requests.filter((request) => request.atMs <= atMs && request.atMs > atMs - 300);
      expect(new Set(justBefore.map(({ prompt }) => prompt)).size).toBeGreaterThanOrEqual(200);
    }
  });

  it('repeats prompts, asks some from several producers at once, and most only once', () => {
    const { load } = planAll(1, PROFILES.short);
    expect(load.requests).toHaveLength(PROFILES.short.requests);
    const byPrompt = [...Map.groupBy(load.requests, ({ prompt }) => prompt).values()];
    expect(byPrompt).toHaveLength(load.prompts.length);
    const atOnce = byPrompt.filter(
      ([first, ...others]) =>
        first !== undefined && others.some(({ atMs, producer }) => atMs === first.atMs && producer !== first.producer),
    );
    const later = byPrompt.filter(([first, ...others]) => first !== undefined && others.some(({ atMs }) => atMs > first.atMs));
    for (const share of [atOnce, later].map((prompts) => prompts.length / byPrompt.length)) {
      expect(share).toBeGreaterThan(0.03);
      expect(share).toBeLessThan(0.5);
    }
    expect(new Set(load.prompts.map(({ text }) => text)).size).toBe(load.prompts.length);
  });

  it('has some of its requests spoken', () => {
    const { load } = planAll(1, PROFILES.short);
    const spoken = load.prompts.filter(({ order }) => 'speech' in order).length / load.prompts.length;
    expect(spoken).toBeGreaterThan(0.1);
    expect(spoken).toBeLessThan(0.2);
  });
});

describe('moments spread over a span', () => {
  it('has one in each part of the span', () => {
    const moments = spreadMoments(createRandom(3), 50, 10_000);
    expect(moments.map((moment) => Math.floor(moment / 200))).toEqual(Array.from({ length: 50 }, (_, part) => part));
  });
});
