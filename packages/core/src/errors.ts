/**
 * Every error a user, a worker or an operator can meet: one class, one table. docs/errors.md lists the same codes;
 * a test keeps the two together.
 */

/** What the retry policy may do: give up, try the same model again, or try the next candidate. */
export type Retry = 'never' | 'later' | 'elsewhere';
export type Fault = 'caller' | 'provider' | 'us';

export interface ErrorFacts {
  readonly retry: Retry;
  readonly http: number;
  readonly fault: Fault;
  /** What the person who meets it can do. One sentence. */
  readonly advice: string;
}

export const ERRORS = {
  REQUEST_INVALID: { retry: 'never', http: 400, fault: 'caller', advice: 'Correct the request as the message says.' },
  UNAUTHENTICATED: { retry: 'never', http: 401, fault: 'caller', advice: 'Send a valid API key as a Bearer token.' },
  FORBIDDEN: { retry: 'never', http: 403, fault: 'caller', advice: 'Use a key or a login whose role allows this.' },
  NOT_FOUND: { retry: 'never', http: 404, fault: 'caller', advice: 'Check the id; finished jobs are kept for 7 days.' },
  IDEMPOTENCY_CONFLICT: { retry: 'never', http: 409, fault: 'caller', advice: 'Use a new Idempotency-Key for a different request.' },
  TOO_LARGE: { retry: 'never', http: 413, fault: 'caller', advice: 'Send less at once; the message names the limit.' },
  VOICE_UNKNOWN: { retry: 'never', http: 400, fault: 'caller', advice: 'Name a voice the provider has, or none for the default.' },
  MODEL_UNKNOWN: {
    retry: 'never',
    http: 400,
    fault: 'caller',
    advice: 'Name a model of the catalogue; the message names a successor where one is known.',
  },
  NO_MODEL_AVAILABLE: {
    retry: 'later',
    http: 503,
    fault: 'us',
    advice: 'Set a provider key, start a worker or enable a configuration; `ai-core doctor` says what is missing.',
  },
  CONTEXT_TOO_LONG: { retry: 'never', http: 400, fault: 'caller', advice: 'Shorten the prompt or choose a model with a larger context.' },
  BUDGET_EXCEEDED: { retry: 'never', http: 402, fault: 'caller', advice: 'Raise the budget or wait for its next period.' },
  QUEUE_FULL: { retry: 'later', http: 429, fault: 'us', advice: 'Wait as long as Retry-After says, then send again.' },
  PROVIDER_RATE_LIMITED: {
    retry: 'later',
    http: 503,
    fault: 'provider',
    advice: 'Nothing: the request is retried when the provider allows it.',
  },
  PROVIDER_QUOTA_EXHAUSTED: {
    retry: 'elsewhere',
    http: 503,
    fault: 'provider',
    advice: 'Top up the account at the provider or disable the model.',
  },
  PROVIDER_OVERLOADED: {
    retry: 'later',
    http: 503,
    fault: 'provider',
    advice: 'Nothing: the request is retried, then sent to the next model.',
  },
  PROVIDER_TIMEOUT: { retry: 'elsewhere', http: 504, fault: 'provider', advice: 'Nothing: the request is sent to the next model.' },
  PROVIDER_UNREACHABLE: { retry: 'later', http: 503, fault: 'provider', advice: 'Check the network and the base URL of the provider.' },
  PROVIDER_AUTH: { retry: 'elsewhere', http: 502, fault: 'provider', advice: 'Check the API key of the provider.' },
  PROVIDER_REFUSED: { retry: 'never', http: 422, fault: 'provider', advice: 'Change the content; the provider declined to answer it.' },
  PROVIDER_BAD_ANSWER: { retry: 'elsewhere', http: 502, fault: 'provider', advice: 'Nothing: the request is sent to the next model.' },
  RESULT_NOT_READY: { retry: 'later', http: 504, fault: 'us', advice: 'Ask again with the job id; the work goes on.' },
  JOB_CANCELLED: { retry: 'never', http: 409, fault: 'caller', advice: 'Send the request again if the answer is still wanted.' },
  JOB_POISONED: { retry: 'never', http: 500, fault: 'us', advice: 'An operator can look at the job and retry it with `ai-core retry`.' },
  STORE_UNAVAILABLE: {
    retry: 'later',
    http: 503,
    fault: 'us',
    advice: 'Send the request again, with its Idempotency-Key if it had one; check Postgres.',
  },
  INTERNAL: { retry: 'never', http: 500, fault: 'us', advice: 'Report it with the job id; the log has the cause.' },
} as const satisfies Record<string, ErrorFacts>;

export type ErrorCode = keyof typeof ERRORS;

export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];

/** @returns true when `code` is in the table. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

export interface ErrorDetails {
  /** How long to wait before the next try, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** The job the error belongs to. */
  jobId?: string | undefined;
  cause?: unknown;
}

const MARK = Symbol.for('ai-core.error');

/** The one error class. Its message never holds a prompt, an answer or a secret. */
export class AiCoreError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly jobId: string | undefined;
  readonly [MARK] = true;

  /**
   * @param code one code of the table
   * @param reason what happened and why, one sentence, without the code
   */
  constructor(code: ErrorCode, reason: string, details: ErrorDetails = {}) {
    super(`${code}: ${reason}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'AiCoreError';
    this.code = code;
    this.retryAfterMs = details.retryAfterMs;
    this.jobId = details.jobId;
  }

  /** The message without its code. */
  get reason(): string {
    return this.message.slice(this.code.length + 2);
  }

  get facts(): ErrorFacts {
    return ERRORS[this.code];
  }

  /** Works across duplicate copies of this package, which `instanceof` does not. */
  static is(error: unknown): error is AiCoreError {
    return typeof error === 'object' && error !== null && MARK in error;
  }

  /** Any thrown value as an AiCoreError: itself, or INTERNAL with the value as its cause. */
  static from(error: unknown): AiCoreError {
    if (AiCoreError.is(error)) return error;
    return new AiCoreError('INTERNAL', 'an unexpected failure inside AI Core', { cause: error });
  }
}
