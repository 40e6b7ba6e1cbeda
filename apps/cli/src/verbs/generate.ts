import { AiCoreError, formatMoney, type Json } from '@ai-core/core';
import { createAiCore, type ExplainedTextAnswer } from '@ai-core/producer';
import { formatUsd } from '../format-usd.ts';
import { formatTable } from '../output.ts';
import type { Verb } from '../verb.ts';

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

function describe(answer: ExplainedTextAnswer): string[] {
  const lines = [
    answer.text,
    '',
    `${answer.provider}/${answer.model}${answer.simulated ? ' (simulated)' : ''}, from ${answer.source}, ${answer.latencyMs} ms, ` +
      `cost ${formatUsd(answer.costNanoUsd)}, saved ${formatUsd(answer.savedNanoUsd)}${answer.jobId === null ? '' : `, job ${answer.jobId}`}`,
  ];
  if (answer.ignoredOptions.length > 0) lines.push(`left out, the model cannot honour them: ${answer.ignoredOptions.join(', ')}`);
  if (answer.explanation !== undefined) {
    const rows = answer.explanation.map((entry) => [`${entry.provider}/${entry.model}`, entry.taken ? 'yes' : 'no', entry.detail]);
    lines.push('', ...formatTable(['model', 'taken', 'why'], rows));
  }
  return lines;
}

function toWire(answer: ExplainedTextAnswer): object {
  return {
    job_id: answer.jobId,
    text: answer.text,
    provider: answer.provider,
    model: answer.model,
    cached: answer.cached,
    source: answer.source,
    simulated: answer.simulated,
    tokens_used: answer.tokensUsed,
    cost_usd: answer.costNanoUsd === null ? null : formatMoney(answer.costNanoUsd),
    saved_usd: formatMoney(answer.savedNanoUsd),
    latency_ms: answer.latencyMs,
    memory_id: answer.memoryId,
    ignored_options: answer.ignoredOptions,
    ...(answer.explanation === undefined ? {} : { explanation: answer.explanation }),
  };
}

const collect = (value: string, previous: string[]): string[] => [...previous, value];

export const generate: Verb = {
  declare(program, run) {
    const command = program.command('generate').description('ask for a text');
    command
      .command('text')
      .description('generate a text, from memory where it can be')
      .requiredOption('--type <name>', 'request type, for example lesson_script')
      .requiredOption('--prompt <text>', 'what to write')
      .option('--option <k=v>', 'option that shapes the answer; repeatable', collect, [])
      .option('--provider <name>', 'pin the provider (with --model)')
      .option('--model <name>', 'pin the model (with --provider)')
      .option('--user <id>', 'who asks, for the accounts')
      .option('--endpoint <name>', 'which function asks, for the accounts', 'ai-core.cli')
      .option('--scope <name>', 'who may be given the remembered answer')
      .option('--cache <mode>', 'use, refresh or bypass')
      .option('--lane <name>', 'interactive or batch')
      .option('--explain', 'show which models were considered and why')
      .option('--no-wait', 'print the job id and return at once')
      .option('--timeout <seconds>', 'how long to wait', '120')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ options, output, connect }) => {
          const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
          const timeoutMs = Number(options['timeout']) * 1_000;
          if (!(timeoutMs > 0)) throw new AiCoreError('REQUEST_INVALID', '--timeout takes a number of seconds above 0');
          const request = {
            requestType: String(options['type']),
            prompt: String(options['prompt']),
            options: parseOptions(options['option'] as string[]),
            provider: text('provider'),
            model: text('model'),
            user: text('user'),
            endpoint: text('endpoint'),
            scope: text('scope'),
            cache: text('cache') as 'use' | undefined,
            lane: text('lane') as 'batch' | undefined,
            explain: options['explain'] === true,
          };
          const connection = await connect();
          const aiCore = await createAiCore({
            databaseUrl: connection.databaseUrl,
            redisUrl: connection.redisUrl,
            simulated: connection.simulated,
            caller: 'cli',
            s3: connection.s3,
            sealKey: connection.sealKey,
          });
          try {
            if (options['wait'] === false) {
              const handle = await aiCore.enqueueText(request);
              output.result({ job_id: handle.jobId, outcome: handle.outcome }, [
                handle.jobId === null ? 'answered from memory' : `${handle.jobId}  ${handle.outcome}`,
              ]);
              return;
            }
            const answer = await aiCore.generateText({ ...request, timeoutMs });
            output.result(toWire(answer), describe(answer));
          } finally {
            await aiCore.close();
          }
        }),
      );
    return command;
  },
};
