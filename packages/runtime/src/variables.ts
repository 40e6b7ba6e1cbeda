import { z } from 'zod';

/** One environment variable: how it is read, and what it is for. */
export interface Variable<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  /** One sentence for README's table. */
  readonly about: string;
}

const url = (...protocols: string[]) =>
  z.url({ protocol: new RegExp(`^(${protocols.join('|')})$`), error: `must be a ${protocols.join(':// or ')}:// URL` });
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.optional();
const secret = optional(z.string().min(1));
const http = optional(url('http', 'https'));
const port = (fallback: number) => z.coerce.number({ error: 'must be a port number' }).int().min(0).max(65_535).default(fallback);
const flag = z.stringbool({ error: 'must be 1 or 0' }).default(false);
const mostWaiting = (fallback: number) => z.coerce.number({ error: 'must be a number of jobs' }).int().min(1).default(fallback);

/** Every variable there is. README's table is tested against this one. */
export const VARIABLES = {
  DATABASE_URL: { schema: optional(url('postgres', 'postgresql')), about: 'Postgres, the ledger; not set: an embedded one' },
  REDIS_URL: { schema: optional(url('redis', 'rediss')), about: 'queue on Redis; not set: queue in Postgres' },
  S3_ENDPOINT: { schema: http, about: 'object store for MP3s; not set: an embedded one' },
  S3_BUCKET: { schema: z.string().min(3).default('ai-core'), about: 'bucket of the MP3s' },
  S3_REGION: { schema: z.string().min(1).default('us-east-1'), about: 'region of the bucket' },
  AWS_ACCESS_KEY_ID: { schema: secret, about: 'object store access key' },
  AWS_SECRET_ACCESS_KEY: { schema: secret, about: 'object store secret' },
  S3_FORCE_PATH_STYLE: { schema: flag, about: '1: bucket in the path instead of the host name' },
  S3_PUBLIC_ENDPOINT: { schema: http, about: 'address that presigned links name; not set: S3_ENDPOINT' },
  OPENAI_API_KEY: { schema: secret, about: 'key of openai' },
  OPENAI_BASE_URL: { schema: http, about: 'another address for openai' },
  ANTHROPIC_API_KEY: { schema: secret, about: 'key of claude' },
  ANTHROPIC_BASE_URL: { schema: http, about: 'another address for claude' },
  GEMINI_API_KEY: { schema: secret, about: 'key of gemini' },
  GEMINI_BASE_URL: { schema: http, about: 'another address for gemini' },
  ELEVENLABS_API_KEY: { schema: secret, about: 'key of elevenlabs' },
  ELEVENLABS_BASE_URL: { schema: http, about: 'another address for elevenlabs' },
  GOOGLE_TTS_API_KEY: { schema: secret, about: 'key of google_tts' },
  GOOGLE_TTS_BASE_URL: { schema: http, about: 'another address for google_tts' },
  LOCAL_MODEL_BASE_URL: { schema: http, about: 'an OpenAI-compatible server of your own (Ollama, vLLM, llama.cpp)' },
  AI_CORE_SIMULATE: { schema: flag, about: '1: emulated providers although keys are set' },
  AI_CORE_HOST: { schema: z.string().min(1).default('127.0.0.1'), about: 'address the doors listen on' },
  AI_CORE_PORT: { schema: port(4000), about: 'port of the gateway' },
  AI_CORE_CONSOLE_PORT: { schema: port(4001), about: 'port of the console' },
  AI_CORE_HEALTH_PORT: {
    schema: optional(z.coerce.number({ error: 'must be a port number' }).int().min(1).max(65_535)),
    about: 'port of a worker’s /readyz and /healthz; not set: none',
  },
  AI_CORE_SEAL_KEY: { schema: secret, about: 'key that seals personal data, 32 bytes in base64 or hex; required in production' },
  AI_CORE_URL: { schema: http, about: 'gateway that clients talk to' },
  AI_CORE_API_KEY: { schema: secret, about: 'key that clients send' },
  AI_CORE_PROVIDER_HOSTS: { schema: optional(z.string()), about: 'hosts a base URL may name, separated by commas' },
  AI_CORE_WEBHOOK_HOSTS: {
    schema: optional(z.string()),
    about: 'hosts webhooks may go to, separated by commas, *.example.com for all below; not set: no webhooks',
  },
  AI_CORE_MOST_WAITING: {
    schema: mostWaiting(1_000_000),
    about: 'jobs that may wait in one queue; beyond that new work is refused with QUEUE_FULL',
  },
  AI_CORE_MOST_WAITING_PER_CALLER: { schema: mostWaiting(200_000), about: 'the same of one caller' },
  AI_CORE_ALERT_WEBHOOK_URL: {
    schema: optional(url('https')),
    about: 'where alerts of budgets are posted to, a host of AI_CORE_WEBHOOK_HOSTS; not set: they are logged and counted only',
  },
  AI_CORE_ALERT_WEBHOOK_SECRET: { schema: secret, about: 'signs alerts of budgets: whsec_ and 24 bytes or more in base64' },
  AI_CORE_DATA_DIR: { schema: optional(z.string().min(1)), about: 'folder of the embedded services, logs and the spool; default .data' },
  AI_CORE_BATCH_WAIT_S: {
    schema: z.coerce.number({ error: 'must be a number of seconds' }).min(1).max(86_400).default(600),
    about: 'how long texts of the batch lane are collected at most before they are handed to the provider, in seconds; default 600',
  },
  AI_CORE_TRAIN_COMMAND: {
    schema: optional(z.string().min(1)),
    about: 'shell command of the trainer on this machine; see docs/flywheel.md',
  },
  AI_CORE_TRAIN_AFTER: {
    schema: optional(z.coerce.number({ error: 'must be a number of examples' }).int().min(1)),
    about: 'trains by itself when so many new examples are verified; not set: never',
  },
  AI_CORE_TRAIN_BASE_MODEL: { schema: optional(z.string().min(1)), about: 'the model that a training by itself begins with' },
  VERTEX_PROJECT: { schema: optional(z.string().min(1)), about: 'Google Cloud project for tuning Gemini' },
  VERTEX_LOCATION: { schema: z.string().min(1).default('us-central1'), about: 'region of the tuning' },
  VERTEX_BUCKET: { schema: optional(z.string().min(1)), about: 'Cloud Storage bucket for its data' },
  VERTEX_SERVICE_ACCOUNT: { schema: secret, about: 'key of its service account, JSON' },
  VERTEX_BASE_URL: { schema: http, about: 'another address for Vertex AI' },
  AI_CORE_ROLES: { schema: z.string().min(1).default('all'), about: 'what a worker serves: all, or queue names separated by commas' },
  AI_CORE_LOG_LEVEL: {
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    about: 'least level that is logged',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: { schema: http, about: 'where traces go; not set: no tracing' },
} as const satisfies Record<string, Variable>;

/** Variables that tests and scripts read; known, so that they are no typing mistakes. */
export const TEST_VARIABLES: readonly string[] = ['AI_CORE_TEST_WITHOUT'];

export type Environment = { readonly [Name in keyof typeof VARIABLES]: z.infer<(typeof VARIABLES)[Name]['schema']> };
