import { AiCoreError } from '@ai-core/core';
import { checkRollUp, rollUp, rollUpRange } from '@ai-core/store';
import { EXIT } from '../exit-codes.ts';
import { formatTable } from '../output.ts';
import type { Verb } from '../verb.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function parseDay(text: unknown, option: string): string | null {
  if (text === undefined) return null;
  // Date.parse takes 31 February for a day of March.
  if (typeof text === 'string' && DAY.test(text) && new Date(`${text}T00:00:00Z`).getUTCDate() === Number(text.slice(-2))) return text;
  throw new AiCoreError('REQUEST_INVALID', `${option} takes a day as YYYY-MM-DD, not "${typeof text === 'string' ? text : typeof text}"`);
}

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
          const range = { from: parseDay(options['from'], '--from'), to: parseDay(options['to'], '--to') };
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
