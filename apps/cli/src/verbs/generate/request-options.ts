import type { Command } from 'commander';
import { AiCoreError, type Json } from '@ai-core/core';
import { createAiCore, type AiCore, type RequestInput } from '@ai-core/producer';
import type { Connection, VerbContext } from '../../verb.ts';

const collect = (value: string, previous: string[]): string[] => [...previous, value];

/** Options that a request of any kind may have. */
export function addRequestOptions(command: Command): Command {
  return command
    .option('--option <k=v>', 'option that shapes the answer; repeatable', collect, [])
    .option('--user <id>', 'who asks, for the accounts')
    .option('--endpoint <name>', 'which function asks, for the accounts', 'ai-core.cli')
    .option('--scope <name>', 'who may be given the remembered answer')
    .option('--cache <mode>', 'use, refresh or bypass')
    .option('--lane <name>', 'interactive or batch')
    .option('--explain', 'show which models were considered and why')
    .option('--no-wait', 'print the job id and return at once')
    .option('--timeout <seconds>', 'how long to wait', '120')
    .option('--json', 'print one JSON document');
}

/** `k=v`: a value that is JSON is taken as JSON, anything else as text. @throws REQUEST_INVALID without a key */
function parseOptions(pairs: readonly string[]): Record<string, Json> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new AiCoreError('REQUEST_INVALID', '--option takes key=value, for example --option language=ja');
      const text = pair.slice(at + 1);
      try {
        return [pair.slice(0, at), JSON.parse(text) as Json];
      } catch {
        return [pair.slice(0, at), text];
      }
    }),
  );
}

/** The value of an option that was given. */
export function textOption(options: VerbContext['options'], name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** @throws REQUEST_INVALID for an option that is not key=value */
export function readRequest(options: VerbContext['options']): RequestInput {
  return {
    options: parseOptions(options['option'] as string[]),
    provider: textOption(options, 'provider'),
    model: textOption(options, 'model'),
    user: textOption(options, 'user'),
    endpoint: textOption(options, 'endpoint'),
    scope: textOption(options, 'scope'),
    // What is not one of the words is refused with the rest of the request.
    cache: textOption(options, 'cache') as RequestInput['cache'],
    lane: textOption(options, 'lane') as RequestInput['lane'],
    explain: options['explain'] === true,
  };
}

/** @throws REQUEST_INVALID when it is no number above 0 */
export function readTimeoutMs(options: VerbContext['options']): number {
  const timeoutMs = Number(options['timeout']) * 1_000;
  if (!(timeoutMs > 0)) throw new AiCoreError('REQUEST_INVALID', '--timeout takes a number of seconds above 0');
  return timeoutMs;
}

/** Opens a producer for one command. */
export async function withAiCore(connection: Connection, work: (aiCore: AiCore) => Promise<void>): Promise<void> {
  const { databaseUrl, redisUrl, simulated, s3, sealKey } = connection;
  const aiCore = await createAiCore({ databaseUrl, redisUrl, simulated, s3, sealKey, caller: 'cli' });
  try {
    await work(aiCore);
  } finally {
    await aiCore.close();
  }
}

/** What `--no-wait` prints. */
export function describeAccepted({ jobId, outcome }: { readonly jobId: string | null; readonly outcome: string }): [object, string[]] {
  return [{ job_id: jobId, outcome }, [jobId === null ? 'answered from memory' : `${jobId}  ${outcome}`]];
}
