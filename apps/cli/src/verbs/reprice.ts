import { AiCoreError, formatMoney } from '@ai-core/core';
import { correctPrices, findMispriced, rollUp, type Mispriced } from '@ai-core/store';
import { openAct } from '../act.ts';
import { formatTable } from '../output.ts';
import { parseDay } from '../parse-option.ts';
import type { Verb } from '../verb.ts';

interface ModelSum {
  calls: number;
  recordedNanoUsd: bigint;
  costNanoUsd: bigint;
}

function sumByModel(mispriced: readonly Mispriced[]): Map<string, ModelSum> {
  const sums = new Map<string, ModelSum>();
  for (const call of mispriced) {
    const name = `${call.provider}/${call.model}`;
    const sum = sums.get(name) ?? { calls: 0, recordedNanoUsd: 0n, costNanoUsd: 0n };
    sum.calls++;
    sum.recordedNanoUsd += call.recordedNanoUsd ?? 0n;
    sum.costNanoUsd += call.costNanoUsd;
    sums.set(name, sum);
  }
  return sums;
}

export const reprice: Verb = {
  declare: (program, run) =>
    program
      .command('reprice')
      .description('compare what calls were accounted with and what the prices of their time come to; corrections are rows of their own')
      .requiredOption('--from <day>', 'first UTC day, YYYY-MM-DD')
      .option('--to <day>', 'last UTC day; default: today')
      .option('--apply', 'write the corrections')
      .option('--by <name>', 'who decides this, for the audit log; default: the account this runs under')
      .option('--json', 'print one JSON document')
      .action(
        run(async (context) => {
          const from = parseDay(context.options['from'], '--from') ?? '';
          const to = parseDay(context.options['to'], '--to') ?? null;
          if (to !== null && from > to) throw new AiCoreError('REQUEST_INVALID', '--from must not be after --to');
          const act = await openAct(context);
          const { simulated } = await context.connect();
          const { checked, unpriced, mispriced } = await findMispriced(act.database, { from, to, simulated });
          const models = [...sumByModel(mispriced)];
          const difference = models.reduce((sum, [, model]) => sum + model.costNanoUsd - model.recordedNanoUsd, 0n);
          const apply = context.options['apply'] === true;
          const corrected = apply && mispriced.length > 0 ? (await correctPrices(act, mispriced)).corrected : 0;
          if (corrected > 0) await rollUp(act.database);
          context.output.result(
            {
              checked,
              unpriced,
              mispriced: mispriced.length,
              difference_usd: formatMoney(difference),
              corrected,
              models: models.map(([model, sum]) => ({
                model,
                calls: sum.calls,
                recorded_usd: formatMoney(sum.recordedNanoUsd),
                cost_usd: formatMoney(sum.costNanoUsd),
              })),
            },
            [
              ...(models.length === 0
                ? []
                : formatTable(
                    ['model', 'calls', 'recorded', 'should be'],
                    models.map(([model, sum]) => [
                      model,
                      String(sum.calls),
                      `$${formatMoney(sum.recordedNanoUsd)}`,
                      `$${formatMoney(sum.costNanoUsd)}`,
                    ]),
                  )),
              `${checked} calls looked at, ${mispriced.length} with another cost ($${formatMoney(difference)} in all), ${unpriced} without a price`,
              apply ? `${corrected} corrected` : 'nothing is written without --apply',
            ],
          );
        }),
      ),
};
