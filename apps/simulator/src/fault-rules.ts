import type { ProviderName } from '@ai-core/core';
import { type Fault, FAULTS, parseFault } from './fault.ts';
import type { Random } from './random.ts';

/** Which calls a fault of the control endpoint strikes. Absent = any. */
export interface FaultRule {
  readonly provider?: ProviderName | undefined;
  readonly model?: string | undefined;
  /** A piece of the prompt. */
  readonly match?: string | undefined;
  /** As parseFault reads it. */
  readonly fault: string;
  /** How many calls; absent = until cleared. */
  readonly times?: number | undefined;
  /** Share of the matching calls that are struck, 0 to 1; absent = all. */
  readonly share?: number | undefined;
  /** No prompt is struck twice by this rule: its next try gets an answer. */
  readonly oncePerPrompt?: boolean | undefined;
}

export interface FaultTarget {
  readonly provider: ProviderName;
  readonly model: string;
  readonly prompt: string;
  readonly promptSha256: string;
  /** The x-simulator-fault header. */
  readonly header: string | undefined;
  /** A batch is handed over: nothing else is struck by the faults of whole batches. */
  readonly isBatch?: boolean | undefined;
}

interface ActiveRule {
  readonly id: number;
  readonly rule: FaultRule;
  readonly fault: Fault;
  left: number;
  /** Prompts it has struck, by their SHA-256; kept only where it matters. */
  readonly struck: Set<string>;
}

/** `[[fault:NAME?parameters]]` anywhere in a prompt. */
const MARK = /\[\[fault:([a-z0-9?&=.,:_-]+)\]\]/g;

export interface FaultRules {
  /** @throws Error when the fault has no known name. */
  add(rule: FaultRule): number;
  remove(id: number): boolean;
  clear(): void;
  list(): (FaultRule & { id: number })[];
  /** The fault that strikes this call: by header, else by rule, else by a mark in the prompt. Counts it. */
  pick(target: FaultTarget): Fault | undefined;
}

/**
 * Keeps the faults asked for. A mark in a prompt may say `times=N` (the first N calls with this prompt), `provider=P` and
 * `model=M`, so that an end-to-end test can write its own weather into its prompts.
 * @param random decides which calls a rule with a share strikes
 */
export function faultRules(random: Random): FaultRules {
  let rules: ActiveRule[] = [];
  let nextId = 1;
  const marksUsed = new Map<string, number>();

  function byRule(target: FaultTarget): Fault | undefined {
    for (const active of rules) {
      const { provider, model, match, share, oncePerPrompt = false } = active.rule;
      if (provider !== undefined && provider !== target.provider) continue;
      if (model !== undefined && model !== target.model) continue;
      if (FAULTS[active.fault.name].stage === 'batch' && target.isBatch !== true) continue;
      if (match !== undefined && !target.prompt.includes(match)) continue;
      if (oncePerPrompt && active.struck.has(target.promptSha256)) continue;
      if (share !== undefined && random() >= share) continue;
      if (oncePerPrompt) active.struck.add(target.promptSha256);
      active.left -= 1;
      if (active.left <= 0) rules = rules.filter((other) => other !== active);
      return active.fault;
    }
    return undefined;
  }

  function byMark(target: FaultTarget): Fault | undefined {
    for (const [mark, text = ''] of target.prompt.matchAll(MARK)) {
      const fault = parseFault(text);
      const { provider, model, times } = fault.parameters;
      if (provider !== undefined && provider !== target.provider) continue;
      if (model !== undefined && fault.name !== 'other-model' && model !== target.model) continue;
      if (times === undefined) return fault;
      const key = `${target.promptSha256} ${mark}`;
      const used = marksUsed.get(key) ?? 0;
      if (used >= Number(times)) continue;
      marksUsed.set(key, used + 1);
      return fault;
    }
    return undefined;
  }

  return {
    add(rule) {
      const left = rule.times ?? Number.POSITIVE_INFINITY;
      const active: ActiveRule = { id: nextId, rule, fault: parseFault(rule.fault), left, struck: new Set() };
      nextId += 1;
      rules.push(active);
      return active.id;
    },
    remove(id) {
      const before = rules.length;
      rules = rules.filter((active) => active.id !== id);
      return rules.length < before;
    },
    clear() {
      rules = [];
      marksUsed.clear();
    },
    list: () => rules.map((active) => ({ id: active.id, ...active.rule, ...(Number.isFinite(active.left) ? { times: active.left } : {}) })),
    pick: (target) => (target.header === undefined ? undefined : parseFault(target.header)) ?? byRule(target) ?? byMark(target),
  };
}
