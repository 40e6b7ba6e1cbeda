/** OpenAI's usage page, downloaded: the costs (one amount per line item) or the activity (calls and tokens per model). Days of UTC. */
import { billFault, type BillFormat, type CsvRow } from '../bill-format.ts';
import type { BilledLine } from '../provider-bill.ts';
import { NO_USAGE } from '../usage.ts';
import { amountOf, cellOf, countOf, dayOf, hasColumns, placeOf, textOf } from './csv-cells.ts';

const START = ['start_time_iso', 'start_time', 'date'];
const AMOUNT = ['amount_value'];
const LINE_ITEM = ['line_item'];
const CALLS = ['num_model_requests'];
const MODEL = ['model'];

function readLine(row: CsvRow): BilledLine {
  const line = { place: placeOf(row), day: dayOf(row, START), requestId: cellOf(row, ['request_id']) || null };
  if (row.cells.has('amount_value')) {
    const currency = cellOf(row, ['amount_currency']).toLowerCase();
    if (currency !== 'usd' && currency !== '') throw billFault(line.place, `the currency is ${currency}, not usd`);
    const { nanoUsd: costNanoUsd, decimals } = amountOf(row, AMOUNT);
    const [model = ''] = textOf(row, LINE_ITEM).split(',');
    return { ...line, model: model.trim(), costNanoUsd, decimals, calls: null, usage: null };
  }
  const usage = {
    ...NO_USAGE,
    inputTokens: countOf(row, ['input_tokens']),
    cacheReadTokens: countOf(row, ['input_cached_tokens']),
    outputTokens: countOf(row, ['output_tokens']),
    characters: countOf(row, ['characters']),
    batch: cellOf(row, ['batch']).toLowerCase() === 'true',
  };
  return { ...line, model: textOf(row, MODEL), costNanoUsd: null, decimals: null, calls: countOf(row, CALLS), usage };
}

export const openaiCsv: BillFormat = {
  provider: 'openai',
  recognises: (content) => hasColumns(content, START, AMOUNT, LINE_ITEM) || hasColumns(content, START, CALLS, MODEL),
  read(content) {
    // Days without use come as rows without anything in them.
    const rows = content.kind === 'csv' ? content.rows : [];
    const used = rows.filter(
      (row) =>
        cellOf(
          row,
          [...AMOUNT, ...LINE_ITEM, ...MODEL, ...CALLS].filter((name) => row.cells.has(name)),
        ) !== '',
    );
    return { timeZone: 'UTC', lines: used.map(readLine), ignored: 0, days: rows.map((row) => dayOf(row, START)) };
  },
};
