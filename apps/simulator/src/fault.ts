/**
 * What can be made to go wrong. One table: where in a call each fault strikes, and whether the vendor charges for the
 * call all the same. A fault is asked for by name, with parameters in the form of a query string, for example
 * `rate-limit?retry-after=120`.
 */

/**
 * Where a fault strikes.
 * refuse: the vendor answers an HTTP error before it does any work.
 * silence: the connection is accepted and nothing ever comes.
 * product: the work is done, but the answer is not what was asked for.
 * delivery: the answer is right and paid, but does not arrive whole.
 * batch: strikes a batch as a whole, when it is handed over.
 * none: nothing goes wrong here; tests use the mark to hurt something else.
 */
export type FaultStage = 'refuse' | 'silence' | 'product' | 'delivery' | 'batch' | 'none';

/** The vendors' own kinds of HTTP errors; vendors/ turns each into a status and a body. */
export const REFUSALS = [
  'bad-request',
  'unauthenticated',
  'forbidden',
  'quota',
  'model-gone',
  'context',
  'rate-limit',
  'server',
  'bad-gateway',
  'unavailable',
  'timeout',
  'overloaded',
] as const;
export type RefusalKind = (typeof REFUSALS)[number];

interface FaultFacts {
  readonly stage: FaultStage;
  /** True when the call is on the vendor's bill. */
  readonly charged: boolean;
  /** One sentence for the list that the control endpoint serves. */
  readonly says: string;
}

export const FAULTS = {
  'bad-request': { stage: 'refuse', charged: false, says: '400, the request is malformed.' },
  unauthenticated: { stage: 'refuse', charged: false, says: '401, the key is wrong or revoked.' },
  forbidden: { stage: 'refuse', charged: false, says: '403, the key may not do this.' },
  quota: { stage: 'refuse', charged: false, says: 'The account is out of money: 429, 402 or 401 as the vendor says it.' },
  'model-gone': { stage: 'refuse', charged: false, says: '404, the model has been removed.' },
  context: { stage: 'refuse', charged: false, says: '400, the prompt is longer than the context window.' },
  'rate-limit': { stage: 'refuse', charged: false, says: '429; retry-after=SECONDS (default 1) or none, format=date for an HTTP date.' },
  server: { stage: 'refuse', charged: false, says: '500.' },
  'bad-gateway': { stage: 'refuse', charged: false, says: '502 with a page of HTML.' },
  unavailable: { stage: 'refuse', charged: false, says: '503; retry-after=SECONDS adds the header.' },
  timeout: { stage: 'refuse', charged: false, says: '504.' },
  overloaded: { stage: 'refuse', charged: false, says: '529 where the vendor knows it, else 503.' },
  hang: { stage: 'silence', charged: false, says: 'Accepts the request and never answers.' },
  reset: { stage: 'silence', charged: false, says: 'Accepts the request and resets the connection.' },
  refusal: { stage: 'product', charged: true, says: 'The model declines; HTTP 200.' },
  safety: { stage: 'product', charged: true, says: 'A safety filter blocks the answer; HTTP 200.' },
  length: { stage: 'product', charged: true, says: 'The answer is cut off at the token limit; HTTP 200.' },
  'context-window': {
    stage: 'product',
    charged: true,
    says: 'The answer ran into the context window; HTTP 200 where the vendor knows it.',
  },
  empty: { stage: 'product', charged: true, says: 'The answer is an empty text.' },
  'no-choices': { stage: 'product', charged: true, says: 'The list of answers is empty.' },
  'null-content': { stage: 'product', charged: true, says: 'The content of the answer is null.' },
  'usage-missing': { stage: 'product', charged: true, says: 'A good answer without usage.' },
  'usage-negative': { stage: 'product', charged: true, says: 'A good answer with negative token counts.' },
  'usage-absurd': { stage: 'product', charged: true, says: 'A good answer with a million million tokens.' },
  'dirty-text': { stage: 'product', charged: true, says: 'A good answer with U+0000 and an unpaired surrogate in it.' },
  'foreign-placeholder': { stage: 'product', charged: true, says: 'The answer holds a placeholder that the prompt did not have.' },
  'other-model': { stage: 'product', charged: true, says: 'Answered and billed by another model; model=NAME.' },
  'audio-json': { stage: 'product', charged: true, says: 'JSON where the sound should be, under the type of sound.' },
  'audio-cut': { stage: 'product', charged: true, says: 'Half of the sound, with a matching length.' },
  html: { stage: 'delivery', charged: false, says: 'HTTP 200 with a page of HTML from a proxy.' },
  stall: { stage: 'delivery', charged: true, says: 'Sends the headers and then nothing.' },
  drip: { stage: 'delivery', charged: true, says: 'Sends a byte every ms=MILLISECONDS (default 100).' },
  cut: { stage: 'delivery', charged: true, says: 'Closes the connection in the middle of the answer.' },
  'no-end': {
    stage: 'delivery',
    charged: true,
    says: 'A stream that ends politely but without its last events; otherwise truncated JSON.',
  },
  'truncated-json': { stage: 'delivery', charged: true, says: 'Half of the JSON, with a matching length.' },
  'batch-lost': { stage: 'batch', charged: true, says: 'The batch is taken, and the answer that says so is lost.' },
  'batch-expire': { stage: 'batch', charged: true, says: 'The batch expires with half of its lines answered.' },
  'batch-fail': { stage: 'batch', charged: false, says: 'The batch fails when it is looked through; no line is answered.' },
  'batch-slow': { stage: 'batch', charged: true, says: 'The batch ends when it has been asked for looks=NUMBER times.' },
  slow: { stage: 'none', charged: true, says: 'A good answer after ms=MILLISECONDS more.' },
  kill: { stage: 'none', charged: true, says: 'A good answer; the mark tells a test which worker to kill.' },
} as const satisfies Record<string, FaultFacts>;

export type FaultName = keyof typeof FAULTS;

export interface Fault {
  readonly name: FaultName;
  readonly parameters: Readonly<Record<string, string>>;
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

/** @returns true when the fault is one of the vendors' HTTP errors. */
export function isRefusal(name: FaultName): name is RefusalKind & FaultName {
  return FAULTS[name].stage === 'refuse';
}

/**
 * Reads a fault as it is written in a header, in a mark or in a control request.
 * @param text name, then optionally `?` and parameters as in a query string
 * @throws Error naming the known faults
 */
export function parseFault(text: string): Fault {
  const [name = '', query = ''] = text.trim().split('?', 2);
  if (!isFaultName(name)) throw new Error(`There is no fault named "${name}". Known: ${Object.keys(FAULTS).join(', ')}.`);
  return { name, parameters: Object.fromEntries(new URLSearchParams(query)) };
}
