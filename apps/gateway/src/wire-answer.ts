/** Answers as they go over the wire: snake_case, money as decimal strings of US dollars. */
import { ANSWER_SOURCES, answerToWire, formatMoney, SPEECH_FORMATS, type AnswerBase, type JobState, type ToolCall } from '@ai-core/core';
import type { AudioLink, Estimate, ExplainedTextAnswer } from '@ai-core/producer';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

const usd = z.string().describe('US dollars, decimal');

/** What every answer tells about itself. */
export const ReceiptSchema = z.object({
  job_id: z.string().nullable().describe('null when memory had the answer'),
  memory_id: z.string().nullable(),
  request_id: z.string().describe('id of this request in the accounts'),
  provider: z.string(),
  model: z.string(),
  cached: z.boolean().describe('true when nothing was called for this request'),
  source: z.enum(ANSWER_SOURCES),
  simulated: z.boolean().describe('true when the provider is emulated; no money was spent'),
  tokens_used: z.int(),
  cost_usd: usd.nullable().describe('what this request cost; null when the price is not known'),
  saved_usd: usd,
  latency_ms: z.int(),
  ignored_options: z.array(z.string()).describe('options the model could not honour'),
});

/** A call of a function, as OpenAI's API has it. */
export const ToolCallSchema = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string().describe('JSON text') }),
});

export function toToolCall({ id, name, arguments: text }: ToolCall): z.infer<typeof ToolCallSchema> {
  return { id, type: 'function', function: { name, arguments: text } };
}

export const TextAnswerSchema = ReceiptSchema.extend({
  text: z.string(),
  tool_calls: z.array(ToolCallSchema).optional().describe('of a chat with tools: functions the model wants called'),
  explanation: z.array(z.looseObject({})).optional().describe('with explain: every model that was considered, and why it was taken or not'),
});

export const AudioAnswerSchema = ReceiptSchema.extend({
  format: z.enum(SPEECH_FORMATS),
  audio_url: z.string().describe('presigned address of the file, good for 15 minutes; GET /v1/audio/{memory_id} is a lasting one'),
  seconds: z.number(),
  bytes: z.int(),
  sha256: z.string(),
  explanation: z.array(z.looseObject({})).optional(),
});

export const PendingSchema = z.object({
  job_id: z.string(),
  request_id: z.string(),
  state: z.enum(['queued', 'running', 'parked', 'batched']),
  waits_for: z.string().describe('what the job waits for, for people'),
  status_url: z.string(),
});

type Receipt = z.infer<typeof ReceiptSchema>;

export function toReceipt(answer: AnswerBase, requestId: string): Receipt {
  return { ...answerToWire(answer), request_id: requestId };
}

export function toAudioAnswer(answer: AudioLink, requestId: string): z.infer<typeof AudioAnswerSchema> {
  const { explanation } = answer;
  return {
    format: answer.format,
    audio_url: answer.url,
    seconds: answer.seconds,
    bytes: answer.bytes,
    sha256: answer.sha256,
    ...toReceipt(answer, requestId),
    ...(explanation === undefined ? {} : { explanation: explanation.map((line) => ({ ...line })) }),
  };
}

export function toTextAnswer(answer: ExplainedTextAnswer, requestId: string): z.infer<typeof TextAnswerSchema> {
  const { explanation, toolCalls } = answer;
  return {
    text: answer.text,
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(toToolCall) }),
    ...toReceipt(answer, requestId),
    ...(explanation === undefined ? {} : { explanation: explanation.map((line) => ({ ...line })) }),
  };
}

/** With estimate: what a request would cost. */
export const EstimateSchema = z.object({
  remembered: z.boolean().describe('true: memory has the answer, which costs nothing'),
  max_cost_usd: usd.nullable().describe('the most the first model can cost; null when its price is not known'),
  candidates: z.array(z.object({ provider: z.string(), model: z.string(), max_cost_usd: usd.nullable() })),
});

export function toEstimate({ remembered, candidates }: Estimate): z.infer<typeof EstimateSchema> {
  const lines = candidates.map(({ provider, model, max_cost_nano_usd: most }) => ({
    provider,
    model,
    max_cost_usd: most === null ? null : formatMoney(BigInt(most)),
  }));
  return { remembered, max_cost_usd: remembered ? '0' : (lines[0]?.max_cost_usd ?? null), candidates: lines };
}

/** Where an answer came from, as response headers: also the log and the metrics read them there. The receipt itself is in the body. */
export function setSourceHeaders(reply: FastifyReply, { source, provider, job_id: jobId }: Receipt): void {
  reply.header('x-ai-core-source', source).header('x-ai-core-provider', provider);
  if (jobId !== null) reply.header('x-ai-core-job-id', jobId);
}

/** The receipt as response headers, for routes whose body has no place for it. */
export function setReceiptHeaders(reply: FastifyReply, receipt: Receipt): void {
  setSourceHeaders(reply, receipt);
  reply.headers({
    'x-ai-core-cached': String(receipt.cached),
    'x-ai-core-model': encodeURI(receipt.model),
    'x-ai-core-request-id': receipt.request_id,
    'x-ai-core-cost-usd': receipt.cost_usd ?? 'unknown',
    'x-ai-core-saved-usd': receipt.saved_usd,
    'x-ai-core-latency-ms': String(receipt.latency_ms),
    'x-ai-core-simulated': String(receipt.simulated),
  });
  if (receipt.memory_id !== null) reply.header('x-ai-core-memory-id', receipt.memory_id);
  if (receipt.ignored_options.length > 0)
    reply.header('x-ai-core-ignored-options', receipt.ignored_options.map(encodeURIComponent).join(', '));
}

const WAITS_FOR: Readonly<Record<z.infer<typeof PendingSchema>['state'], string>> = {
  queued: 'a worker',
  running: 'the provider',
  parked: 'a budget with room, or a person',
  batched: 'the batch of its provider, which takes up to a day; asked for again in the interactive lane it is called at once',
};

/** Finished in the very moment in which the wait ended: the next look has it. */
function toOpen(state: JobState): keyof typeof WAITS_FOR {
  return state in WAITS_FOR ? (state as keyof typeof WAITS_FOR) : 'running';
}

export interface PendingJob {
  readonly jobId: string;
  readonly requestId: string;
  readonly state: JobState;
}

/** 202: the work goes on, and this is where to look. */
export function answerPending(reply: FastifyReply, { jobId, requestId, state }: PendingJob): object {
  const statusUrl = `/v1/jobs/${jobId}?request_id=${requestId}`;
  reply.code(202).header('retry-after', '1').header('location', statusUrl);
  const open = toOpen(state);
  return { job_id: jobId, request_id: requestId, state: open, waits_for: WAITS_FOR[open], status_url: statusUrl };
}
