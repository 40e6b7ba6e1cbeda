import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { AiCoreError, formatMoney, LANES, parseMoney } from '@ai-core/core';
import { createAiCore, warmMemory, type WarmReport } from '@ai-core/producer';
import { EXIT } from '../exit-codes.ts';
import { formatUsd } from '../format-usd.ts';
import { parseChoice, parseText } from '../parse-option.ts';
import type { Verb } from '../verb.ts';

const SHOWN = 20;
const PROGRESS_MS = 1_000;

function describe(report: WarmReport): string[] {
  const { wrong, failed, stoppedAtLine } = report;
  return [
    `read          ${report.lines} lines`,
    `remembered    ${report.remembered} already`,
    `ordered       ${report.ordered}, and ${report.joined} were under way`,
    `answered      ${report.answered} for ${formatUsd(report.costNanoUsd)}`,
    ...[...wrong.map((trouble) => ({ ...trouble, what: 'skipped' })), ...failed.map((trouble) => ({ ...trouble, what: 'failed' }))]
      .slice(0, SHOWN)
      .map(({ line, code, reason, what }) => `line ${line} ${what}: ${code}, ${reason.replace(/^line \d+: /, '')}`),
    ...(wrong.length + failed.length > SHOWN ? [`and ${wrong.length + failed.length - SHOWN} more; --json names them all`] : []),
    ...(stoppedAtLine === null
      ? []
      : [`the budget ended at line ${stoppedAtLine}; run it again when there is money, what is answered is not bought again`]),
  ];
}

/** Fills memory before term starts. */
export const warm: Verb = {
  declare: (program, run) =>
    program
      .command('warm')
      .description(
        'fill memory from a file of expected requests, one JSON object a line as for POST /v1/bulk; may be broken off and repeated',
      )
      .argument('<file>', 'JSON lines')
      .option('--lane <lane>', `${LANES.join(' or ')}; batch is cheaper and may take a day`, 'batch')
      .option('--most <usd>', 'the most this run may spend, in US dollars; default: what the budgets allow')
      .option('--no-wait', 'end as soon as everything is accepted')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ args, options, output, connect }) => {
          const file = args[0] ?? '';
          await access(file).catch((cause: unknown) => {
            throw new AiCoreError('REQUEST_INVALID', `${file} cannot be read`, { cause });
          });
          const lane = parseChoice(options['lane'], '--lane', LANES);
          const most = parseText(options['most']);
          const { databaseUrl, redisUrl, simulated, s3, sealKey } = await connect();
          const aiCore = await createAiCore({ databaseUrl, redisUrl, simulated, s3, sealKey, caller: 'cli' });
          let told = 0;
          try {
            const report = await warmMemory(aiCore, {
              lines: createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY }),
              lane,
              mostNanoUsd: most === undefined ? undefined : parseMoney(most),
              wait: options['wait'] !== false,
              onProgress: ({ lines, remembered, answered }) => {
                if (performance.now() - told < PROGRESS_MS) return;
                told = performance.now();
                output.note(`${lines} lines read, ${remembered} were remembered, ${answered} answered`);
              },
            });
            const { costNanoUsd, stoppedAtLine, ...counts } = report;
            output.result({ ...counts, cost_usd: formatMoney(costNanoUsd), stopped_at_line: stoppedAtLine }, describe(report));
            return report.wrong.length + report.failed.length > 0 || stoppedAtLine !== null ? EXIT.failed : EXIT.ok;
          } finally {
            await aiCore.close();
          }
        }),
      ),
};
