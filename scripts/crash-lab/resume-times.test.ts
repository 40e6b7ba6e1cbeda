import { describe, expect, it } from 'vitest';
import type { AttemptRow } from './ledger.ts';
import { measureResumes, percentileOf } from './resume-times.ts';

const WORKERS = [
  { id: 'first', pid: 10, createdAt: new Date(0) },
  { id: 'reborn', pid: 10, createdAt: new Date(4_000) },
  { id: 'other', pid: 11, createdAt: new Date(0) },
];
const attempt = (jobId: string, workerId: string, times: readonly [number, number | null]): AttemptRow => ({
  id: `${jobId} ${times[0]}`,
  jobId,
  workerId,
  provider: 'openai',
  model: 'gpt-6-luna',
  state: 'billed',
  settledBy: null,
  costNanoUsd: 1n,
  startedAt: new Date(times[0]),
  finishedAt: times[1] === null ? null : new Date(times[1]),
});

describe('resume times', () => {
  it('run from the death of a worker to the next attempt of each job it was calling for', () => {
    const attempts = [
      attempt('cut', 'reborn', [4_900, 7_000]),
      attempt('finished before', 'reborn', [4_500, 4_800]),
      attempt("another worker's", 'other', [4_900, 5_200]),
      attempt('answered from the spool', 'reborn', [4_950, 6_000]),
      attempt('cut', 'other', [7_500, 7_700]),
      attempt('finished before', 'other', [7_600, 7_700]),
    ];
    expect(measureResumes([{ pid: 10, atMs: 5_000 }], WORKERS, attempts)).toEqual([2_500]);
  });

  it('does not count what a process with the same number did later', () => {
    const attempts = [attempt('cut', 'reborn', [4_900, null]), attempt('cut', 'other', [9_000, null])];
    expect(measureResumes([{ pid: 10, atMs: 3_000 }], WORKERS, attempts)).toEqual([]);
  });

  it('are summed up by nearest rank', () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect([0.5, 0.99, 1].map((share) => percentileOf(values, share))).toEqual([100, 198, 200]);
    expect(percentileOf([], 0.5)).toBeNull();
  });
});
