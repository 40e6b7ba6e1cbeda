import { createHash } from 'node:crypto';
import { NO_USAGE, type Usage } from '@ai-core/core';
import { callTools } from './call-tools.ts';
import { firstTokens } from './count-tokens.ts';
import type { Fault, FaultName } from './fault.ts';
import { meterText, reasoningShare } from './meter-text.ts';
import { judge } from './judge.ts';
import type { Tuning } from './tuning.ts';
import type { TextOrder, TextProduct } from './wire.ts';
import { writeText } from './write-text.ts';

/** What a model writes at most when the client does not say. */
const USUAL_BUDGET_TOKENS = 4_096;
const ABSURD_TOKENS = 1_000_000_000_000;

const DECLINED = 'I am sorry, but I cannot help with that.';

type Change = (product: TextProduct, fault: Fault) => TextProduct;

/** What each product fault does to a good answer. */
const CHANGES: Readonly<Partial<Record<FaultName, Change>>> = {
  refusal: (product) => ({ ...product, text: DECLINED, calls: [], outcome: 'refusal' }),
  safety: (product) => ({ ...product, text: '', calls: [], outcome: 'safety' }),
  length: (product) => ({ ...product, text: firstTokens(product.text ?? '', 12), outcome: 'length' }),
  'context-window': (product) => ({ ...product, text: firstTokens(product.text ?? '', 12), outcome: 'context-window' }),
  empty: (product) => ({ ...product, text: '', calls: [] }),
  'no-choices': (product) => ({ ...product, text: '', calls: [], outcome: 'nothing' }),
  'null-content': (product) => ({ ...product, text: null, calls: [] }),
  'usage-missing': (product) => ({ ...product, usage: undefined }),
  'usage-negative': (product) => ({ ...product, usage: { ...NO_USAGE, inputTokens: -5, outputTokens: -1 } }),
  'usage-absurd': (product) => ({ ...product, usage: { ...NO_USAGE, inputTokens: ABSURD_TOKENS, outputTokens: ABSURD_TOKENS } }),
  'dirty-text': (product) => ({ ...product, text: `${product.text}\u0000 caf\u00e9 \ud83d!` }),
  'foreign-placeholder': (product) => ({ ...product, text: `${product.text} ⟦EMAIL_99⟧` }),
  'other-model': (product, fault) => ({ ...product, model: fault.parameters['model'] ?? `${product.model}-next` }),
};

export interface ProducedText {
  readonly product: TextProduct;
  /** What goes on the bill, whatever the product says. */
  readonly usage: Usage;
}

/**
 * Does the work of a text call: writes the text, counts the tokens, and spoils the product where a fault says so.
 * @param options `seed` of the simulator, `requestId` for the answer's own id, `nowMs` Unix time
 */
export function produceText(
  order: TextOrder,
  options: { seed: string; requestId: string; nowMs: number; fault: Fault | undefined; tuning: Tuning },
): ProducedText {
  const { seed, requestId, nowMs, fault, tuning } = options;
  const budgetTokens = Math.floor((order.maxOutputTokens ?? USUAL_BUDGET_TOKENS) / (1 + reasoningShare(order)));
  const calls = callTools(order, seed);
  const learned = tuning.write(order) ?? judge(order);
  const { text, outcome } =
    calls.length > 0
      ? { text: '', outcome: 'complete' as const }
      : learned === undefined
        ? writeText(order, { seed, budgetTokens })
        : { text: learned, outcome: 'complete' as const };
  const usage = meterText(order, text + calls.map(({ name, args }) => name + JSON.stringify(args)).join(''));
  const id = createHash('sha256').update(`${requestId} answer`).digest('hex').slice(0, 24);
  const good: TextProduct = {
    id: `answer_${id}`,
    requestId,
    model: order.model,
    text,
    calls,
    outcome,
    usage,
    createdAtS: Math.floor(nowMs / 1000),
  };
  const change = fault && CHANGES[fault.name];
  return { product: change ? change(good, fault) : good, usage };
}
