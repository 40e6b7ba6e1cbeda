import { expect, it } from 'vitest';
import { armOf, findExperiment } from './experiment.ts';
import { chain, config, reasonOf } from './selection-case.ts';

const experiment = {
  name: 'quiz models',
  requestTypes: ['quiz_generation'],
  control: { provider: 'openai', model: 'cheaper' },
  candidate: { provider: 'openai', model: 'dearer' },
  candidateShare: 30,
};
const configs = [
  config('cheaper', { costPerMillionTokens: 1 }),
  config('dearer', { costPerMillionTokens: 9 }),
  config('between', { costPerMillionTokens: 5 }),
];
const prompts = Array.from({ length: 2_000 }, (_, n) => `${n}`.padStart(64, '0'));

it('gives a share of the prompts to the candidate, the same ones each time', () => {
  const share = prompts.filter((prompt) => armOf(experiment, prompt).model === 'dearer').length / prompts.length;
  expect(share).toBeGreaterThan(0.26);
  expect(share).toBeLessThan(0.34);
  expect(prompts.map((prompt) => armOf(experiment, prompt))).toEqual(prompts.map((prompt) => armOf(experiment, prompt)));
});

it('puts the model of the arm first and leaves the others behind it, for the request types it is about', () => {
  const inArm = prompts.find((prompt) => armOf(experiment, prompt).model === 'dearer') ?? '';
  const of = { configs, experiments: [experiment], request: { promptHash: inArm } };
  expect(chain(of)).toEqual(['dearer', 'cheaper', 'between']);
  expect(reasonOf(of, 'dearer')).toBe('experiment');
  expect(chain({ ...of, type: 'email' })).toEqual(['cheaper', 'between', 'dearer']);
});

it('takes a model that cannot answer for nothing', () => {
  const off = [config('cheaper'), config('dearer', { isActive: false, costPerMillionTokens: 9 })];
  const inArm = prompts.find((prompt) => armOf(experiment, prompt).model === 'dearer') ?? '';
  expect(chain({ configs: off, experiments: [experiment], request: { promptHash: inArm } })).toEqual(['cheaper']);
});

it('a request takes part in one experiment, the first by name', () => {
  const other = { ...experiment, name: 'all', requestTypes: [] };
  expect(findExperiment([experiment, other], 'quiz_generation')?.name).toBe('all');
  expect(findExperiment([experiment], 'email')).toBeUndefined();
});
