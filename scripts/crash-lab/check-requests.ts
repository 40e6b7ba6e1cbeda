import type { Finding } from './finding.ts';
import type { Ledger } from './ledger.ts';
import type { Outcome } from './load.ts';

export interface RequestEvidence {
  /** The prompts' texts by index. */
  readonly prompts: readonly string[];
  readonly outcomes: readonly Outcome[];
  readonly ledger: Ledger;
  /** For each memory row what the provider answers to its prompt. */
  readonly recalled: ReadonlyMap<string, string>;
}

/** Where every request of the run ended. accepted = ok + lost + wrongly failed + wrong answers. */
export interface SortedRequests {
  readonly accepted: number;
  readonly ok: number;
  readonly findings: readonly Finding[];
}

/**
 * Puts every request into exactly one place. A request that was neither accepted nor refused has hung: it counts as accepted and lost.
 * The provider never refuses in the lab, so every error after the acceptance is wrong, and so is every refusal but STORE_UNAVAILABLE.
 */
export function sortRequests({ prompts, outcomes, ledger, recalled }: RequestEvidence): SortedRequests {
  const current = new Map(ledger.memories.filter(({ isCurrent }) => isCurrent).map((memory) => [memory.prompt, memory]));
  const jobs = new Map(ledger.jobs.map((job) => [job.id, job]));
  const findings: Finding[] = [];
  let ok = 0;

  for (const outcome of outcomes) {
    const { requestId, jobId, error, answer, refusals } = outcome;
    const job = jobId === null ? undefined : jobs.get(jobId);
    const evidence = {
      requestId,
      jobId,
      prompt: prompts[outcome.prompt],
      refusals,
      job: job && { state: job.state, crashCount: job.crashCount, error: job.errorCode },
    };
    if (error !== null) findings.push({ kind: 'wrongly_failed', evidence: { ...evidence, error } });
    else if (answer === null) findings.push({ kind: 'lost', evidence });
    else {
      const memory = current.get(prompts[outcome.prompt] ?? '');
      const expected = memory === undefined ? undefined : recalled.get(memory.id);
      if (memory !== undefined && answer === memory.answer && answer === expected) ok++;
      else findings.push({ kind: 'wrong_answers', evidence: { ...evidence, answer, remembered: memory?.answer, expected } });
    }
    const rows = requestId === null ? 1 : (ledger.requestRows.get(requestId) ?? 0);
    if (rows !== 1) findings.push({ kind: 'unaccounted_requests', evidence: { ...evidence, rows } });
  }
  return { accepted: outcomes.length, ok, findings };
}

/** Keys with two answers: two current memory rows, or two jobs that each bought one although one was wanted. */
export function findDoubleResults({ memories, jobs }: Ledger): Finding[] {
  const current = Map.groupBy(
    memories.filter(({ isCurrent }) => isCurrent),
    ({ promptHash }) => promptHash,
  );
  const bought = Map.groupBy(
    jobs.filter(({ state, source }) => state === 'done' && source === 'provider'),
    ({ promptHash }) => promptHash,
  );
  const keys = new Set([...current.keys(), ...bought.keys()]);
  return [...keys]
    .map((promptHash) => ({
      promptHash,
      memories: current.get(promptHash)?.map(({ id }) => id) ?? [],
      jobs: bought.get(promptHash)?.map(({ id }) => id) ?? [],
    }))
    .filter((key) => key.memories.length > 1 || key.jobs.length > 1)
    .map((evidence) => ({ kind: 'double_results', evidence }));
}
