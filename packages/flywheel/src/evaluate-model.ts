import {
  AiCoreError,
  checkAnswer,
  combineChoices,
  decideGate,
  percentile,
  resolveThresholds,
  shareInterval,
  type GateDecision,
  type ModelFigures,
} from '@ai-core/core';
import type { AiCore, ExplainedTextAnswer } from '@ai-core/producer';
import {
  beginEvaluation,
  endEvaluation,
  listQualityGates,
  listRecentPrompts,
  listValidationPrompts,
  OWN_PROVIDER,
  writeEvaluationItem,
  type Database,
  type EvaluatedAnswer,
  type EvaluationItem,
  type EvaluationOutcome,
  type NamedModel,
  type ReplayPrompt,
} from '@ai-core/store';
import { EVALUATION_SCOPE, judgePair, type Judge } from './judge-pair.ts';

export interface EvaluationOrder {
  readonly database: Database;
  readonly aiCore: AiCore;
  readonly version: string;
  readonly against: NamedModel;
  readonly simulated: boolean;
  readonly requestedBy: string;
  /** An evaluation that was asked for and claimed; undefined = a new one. */
  readonly id?: string | undefined;
  /** True as soon as the process has to stop: the evaluation is left for another one. */
  readonly isStopping?: (() => boolean) | undefined;
  /** Most validation examples, and most prompts of everyday traffic; default 200 and 100. */
  readonly validation?: number | undefined;
  readonly recent?: number | undefined;
  /** undefined = the best model there is. */
  readonly judge?: NamedModel | undefined;
  /** Items at the same time; default 8. */
  readonly concurrency?: number | undefined;
  /** Of one answer, in milliseconds; default 120,000. */
  readonly timeoutMs?: number | undefined;
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
}

export interface Evaluation extends GateDecision {
  readonly id: string;
  readonly report: NonNullable<EvaluationOutcome['report']>;
}

type Source = EvaluationItem['source'];

/** The process stops: what was bought is remembered, and whoever evaluates anew gets it from memory. */
export class EvaluationLeft extends Error {}

async function answer(order: EvaluationOrder, prompt: ReplayPrompt, model: NamedModel): Promise<EvaluatedAnswer> {
  const since = performance.now();
  try {
    const result: ExplainedTextAnswer = await order.aiCore.generateText({
      requestType: prompt.requestType,
      prompt: prompt.prompt,
      options: prompt.options,
      ...model,
      selectionMode: 'manual',
      scope: EVALUATION_SCOPE,
      endpoint: 'ai-core.evaluation',
      timeoutMs: order.timeoutMs,
    });
    const { failed, exact } = checkAnswer({ ...prompt, text: result.text });
    // A remembered answer says nothing about how fast its model is.
    const latencyMs = result.cached ? null : Math.round(performance.now() - since);
    return { text: result.text, failedChecks: failed, exact, latencyMs, costNanoUsd: result.costNanoUsd, error: null };
  } catch (error) {
    const { code } = AiCoreError.from(error);
    return { text: null, failedChecks: [], exact: false, latencyMs: null, costNanoUsd: null, error: code };
  }
}

/**
 * A failed call loses against an answer. A candidate that says what people found good needs no judge; that the other model says it again proves
 * nothing, for it may have been its own answer.
 */
async function compare(
  order: EvaluationOrder,
  prompt: ReplayPrompt,
  pair: { candidate: EvaluatedAnswer; against: EvaluatedAnswer },
): Promise<EvaluationItem['judged']> {
  const { candidate, against } = pair;
  if (candidate.text === null || against.text === null) {
    if (candidate.text === null) return against.text === null ? 'tie' : 'against';
    return 'candidate';
  }
  if (candidate.exact) return against.exact ? 'tie' : 'candidate';
  if ((candidate.failedChecks.length === 0) !== (against.failedChecks.length === 0))
    return candidate.failedChecks.length === 0 ? 'candidate' : 'against';
  const judge: Judge = { aiCore: order.aiCore, model: order.judge, timeoutMs: order.timeoutMs };
  return judgePair(judge, { question: prompt.prompt, candidate: candidate.text, against: against.text });
}

async function replay(order: EvaluationOrder, prompt: ReplayPrompt, place: { place: number; source: Source }): Promise<EvaluationItem> {
  const [candidate, against] = await Promise.all([
    answer(order, prompt, { provider: 'local_small_model', model: order.version }),
    answer(order, prompt, order.against),
  ]);
  const judged = await compare(order, prompt, { candidate, against });
  const { requestType, reference, options } = prompt;
  return { ...place, requestType, question: { prompt: prompt.prompt, options }, reference, candidate, against, judged };
}

function figuresOf(answers: readonly EvaluatedAnswer[]): ModelFigures {
  const good = answers.filter(({ text }) => text !== null);
  const latencies = good.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]));
  return {
    answered: good.length,
    failed: answers.length - good.length,
    checkRate: shareInterval(good.filter(({ failedChecks }) => failedChecks.length === 0).length, good.length),
    p95LatencyMs: percentile(latencies, 0.95),
    costNanoUsd: String(good.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0n), 0n)),
  };
}

async function replayAll(
  order: EvaluationOrder,
  evaluationId: string,
  prompts: readonly (ReplayPrompt & { source: Source })[],
): Promise<EvaluationItem[]> {
  const items: EvaluationItem[] = [];
  const rest = prompts.entries();
  async function work(): Promise<void> {
    for (const [place, { source, ...prompt }] of rest) {
      if (order.isStopping?.() === true) throw new EvaluationLeft('the process stops; another one evaluates anew');
      const item = await replay(order, prompt, { place, source });
      await writeEvaluationItem(order.database, evaluationId, item);
      items.push(item);
      order.onProgress?.(items.length, prompts.length);
    }
  }
  await Promise.all(Array.from({ length: order.concurrency ?? 8 }, work));
  return items;
}

/**
 * Compares a trained model with another one before anybody meets it: the validation examples, which no training has seen, and prompts of
 * everyday traffic go to both as ordinary pinned requests. Their form is checked, a judge chooses without knowing the makers, and the
 * gate decides by thresholds in data. Everything is kept, so that people can choose blind too.
 * @throws REQUEST_INVALID when there is nothing to compare with
 */
export async function evaluateModel(order: EvaluationOrder): Promise<Evaluation> {
  const { database, simulated, version, against } = order;
  const id =
    order.id ??
    (await beginEvaluation(database, {
      version,
      candidate: { provider: OWN_PROVIDER, model: version },
      against,
      simulated,
      settings: settingsOf(order),
      requestedBy: order.requestedBy,
    }));
  try {
    const items = await replayAll(order, id, await choosePrompts(order));
    const figures = {
      items: items.length,
      candidate: figuresOf(items.map((item) => item.candidate)),
      against: figuresOf(items.map((item) => item.against)),
      preference: combineChoices(items.map(({ judged }) => ({ judged, human: null }))).preference,
    };
    const decision = decideGate(figures, resolveThresholds(await listQualityGates(database)));
    const report = { ...figures, reasons: decision.reasons };
    await endEvaluation(database, id, { gate: decision.gate, report, error: null });
    return { id, ...decision, report };
  } catch (error) {
    if (!(error instanceof EvaluationLeft))
      await endEvaluation(database, id, { gate: null, report: null, error: AiCoreError.from(error).message });
    throw error;
  }
}

function settingsOf({ validation = 200, recent = 100 }: EvaluationOrder): { readonly validation: number; readonly recent: number } {
  return { validation, recent };
}

async function choosePrompts(order: EvaluationOrder): Promise<(ReplayPrompt & { source: Source })[]> {
  const { database, simulated } = order;
  const most = settingsOf(order);
  const validation = await listValidationPrompts(database, simulated, most.validation);
  const recent = await listRecentPrompts(database, simulated, most.recent);
  if (validation.length + recent.length === 0) {
    throw new AiCoreError(
      'REQUEST_INVALID',
      'there is nothing to compare with: no validation example and no recent prompt. Verify more answers first.',
    );
  }
  return [
    ...validation.map((prompt) => ({ ...prompt, source: 'validation' as const })),
    ...recent.map((prompt) => ({ ...prompt, source: 'recent' as const })),
  ];
}
