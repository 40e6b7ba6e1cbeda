import { AiCoreError } from '@ai-core/core';
import { checkRollUp, rollUp, rollUpRange } from '@ai-core/store';
import { EXIT } from '../exit-codes.ts';
import { formatTable } from '../output.ts';
import { parseDay } from '../parse-option.ts';
import type { Verb } from '../verb.ts';

export const rollup: Verb = {
  declare: (program, run) =>
    program
      .command('rollup')
      .description('bring the daily cost tables up to date now')
      .option('--check', 'recount every day from the usage log and compare; exit 1 on any difference')
      .option('--from <day>', 'first UTC day, YYYY-MM-DD')
      .option('--to <day>', 'last UTC day, YYYY-MM-DD')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ options, output, connect }) => {
          const range = { from: parseDay(options['from'], '--from') ?? null, to: parseDay(options['to'], '--to') ?? null };
          if (range.from !== null && range.to !== null && range.from > range.to)
            throw new AiCoreError('REQUEST_INVALID', '--from must not be after --to');
          const { database } = await connect();
          if (options['check'] === true) {
            const check = await checkRollUp(database, range);
            output.result(
              { days: check.days, checked_days: check.checkedDays, differences: check.differences },
              check.differences.length === 0
                ? [`${check.checkedDays} ${check.checkedDays === 1 ? 'day' : 'days'} recounted: no difference`]
                : formatTable(
                    ['table', 'day', 'surplus', 'missing'],
                    check.differences.map((row) => [row.table, row.day, String(row.surplus), String(row.missing)]),
                  ),
            );
            return check.differences.length === 0 ? EXIT.ok : EXIT.failed;
          }
          const { days } = range.from === null && range.to === null ? await rollUp(database) : await rollUpRange(database, range);
          output.result({ days }, [days.length === 0 ? 'nothing had changed' : `recomputed ${days.join(', ')}`]);
          return EXIT.ok;
        }),
      ),
};
