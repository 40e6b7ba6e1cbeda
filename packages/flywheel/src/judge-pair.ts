import {
  combineVerdicts,
  JUDGE_OPTIONS,
  JUDGE_REQUEST_TYPE,
  judgePrompt,
  readVerdict,
  type JudgeChoice,
  type JudgedPair,
} from '@ai-core/core';
import type { AiCore } from '@ai-core/producer';

/** Where a judge's work is remembered and what it may cost: never among the answers of users. */
export const EVALUATION_SCOPE = 'evaluation';
const ENDPOINT = 'ai-core.evaluation';

export interface Judge {
  readonly aiCore: AiCore;
  /** undefined = the best model there is. */
  readonly model?: { readonly provider: string; readonly model: string } | undefined;
  readonly timeoutMs?: number | undefined;
}

async function ask({ aiCore, model, timeoutMs }: Judge, pair: JudgedPair): Promise<JudgeChoice | undefined> {
  const answer = await aiCore.generateText({
    requestType: JUDGE_REQUEST_TYPE,
    prompt: judgePrompt(pair),
    options: model === undefined ? { ...JUDGE_OPTIONS, quality: 'premium' } : JUDGE_OPTIONS,
    ...(model === undefined ? {} : { ...model, selectionMode: 'manual' as const }),
    scope: EVALUATION_SCOPE,
    endpoint: ENDPOINT,
    timeoutMs,
  });
  return readVerdict(answer.text);
}

export interface Contest {
  readonly question: string;
  readonly candidate: string;
  readonly against: string;
}

/** Has a judge compare two answers in both orders, as ordinary requests: remembered, accounted for, within budgets. */
export async function judgePair(judge: Judge, { question, candidate, against }: Contest): Promise<'candidate' | 'against' | 'tie'> {
  if (candidate === against) return 'tie';
  const [straight, swapped] = await Promise.all([
    ask(judge, { question, first: candidate, second: against }),
    ask(judge, { question, first: against, second: candidate }),
  ]);
  return combineVerdicts(straight, swapped);
}
