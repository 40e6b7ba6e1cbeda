import { AiCoreError, formatMoney } from '@ai-core/core';
import { getReceipt, parseIncumbent, receiptToWire, type Receipt } from '@ai-core/store';
import { formatUsd } from '../format-usd.ts';
import { formatTable } from '../output.ts';
import { parseText } from '../parse-option.ts';
import type { Verb } from '../verb.ts';
import { parseJobId } from './jobs.ts';

function describe(receipt: Receipt): string[] {
  const lines: string[] = [];
  for (const call of receipt.calls) {
    const priced = call.priceFrom === null ? 'no price row' : `price from ${call.priceFrom.toISOString().slice(0, 10)}`;
    const terms = [
      priced,
      ...(call.isLongContext ? ['long context'] : []),
      ...(call.basisPoints === 10_000 ? [] : [`${call.basisPoints / 100} % (batch)`]),
    ];
    lines.push(`call ${call.attemptId} ${call.provider}/${call.model}, ${call.state}, ${terms.join(', ')}`);
    const cells = call.lines.map((line) => [
      line.unit,
      String(line.quantity ?? ''),
      line.rateNanoUsd === null ? '' : formatMoney(line.rateNanoUsd),
      formatUsd(line.nanoUsd),
    ]);
    lines.push(
      ...formatTable(['unit', 'quantity', 'USD per million', 'cost'], [...cells, ['total', '', '', formatUsd(call.costNanoUsd)]]),
      '',
    );
  }
  for (const row of receipt.rows) {
    const saved = row.savings.map(({ reason, nanoUsd }) => `${reason} ${formatUsd(nanoUsd)}`).join(', ');
    lines.push(`${row.kind} ${row.id} from ${row.source}: ${formatUsd(row.costNanoUsd)}${saved === '' ? '' : `, saved: ${saved}`}`);
  }
  return [...lines, `paid ${formatUsd(receipt.paidNanoUsd)}`];
}

export const receipt: Verb = {
  declare: (program, run) =>
    program
      .command('receipt')
      .description('explain the money of a request or a job: paid calls line by line, what was saved and why')
      .argument('<id>', 'id of a job or of a request')
      .option('--against <provider/model>', 'compare with the model that would else have answered')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ args, options, output, connect }) => {
          const id = parseJobId(args[0] ?? '');
          const against = parseText(options['against']);
          const incumbent = against === undefined ? null : parseIncumbent(against, '--against');
          const { database } = await connect();
          const found = await getReceipt(database, id, { incumbent });
          if (found === null) throw new AiCoreError('NOT_FOUND', `the accounts have no job or request ${id}`);
          output.result(receiptToWire(found), describe(found));
        }),
      ),
};
