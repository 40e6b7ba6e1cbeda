/**
 * Google Cloud billing: rows of the BigQuery export saved as CSV (moments of UTC), or the billing reports page grouped by date
 * and SKU, downloaded (days of Pacific time, as Google bills). A SKU names the model in words.
 */
import { billFault, type BillFormat, type CsvRow } from '../bill-format.ts';
import type { BilledLine } from '../provider-bill.ts';
import { amountOf, cellOf, dayOf, hasColumns, placeOf, textOf } from './csv-cells.ts';

const MOMENT = ['usage_start_time'];
const DATE = ['usage start date', 'date'];
const SKU = ['sku description', 'sku.description', 'sku_description'];
const SERVICE = ['service description', 'service.description', 'service_description'];
const COST = ['cost ($)', 'cost', 'subtotal ($)'];

const MODEL = /gemini (\d+(?:\.\d+)?) (flash lite|flash|pro|ultra)\b/;

/** @returns null for a SKU that is not about Gemini; a SKU of Gemini without a known model goes by its own words */
function modelOf(sku: string, service: string): string | null {
  const words = sku.toLowerCase().replace(/[\s_-]+/g, ' ');
  const match = MODEL.exec(words);
  if (match !== null) return `gemini-${match[1]}-${match[2]?.replace(' ', '-')}`;
  return words.includes('gemini') || /gemini|generative language/i.test(service) ? sku : null;
}

function readLine(row: CsvRow, day: string): BilledLine | null {
  const model = modelOf(textOf(row, SKU), cellOf(row, SERVICE));
  if (model === null) return null;
  const currency = cellOf(row, ['currency']).toUpperCase();
  if (currency !== 'USD' && currency !== '') throw billFault(placeOf(row), `the currency is ${currency}, not USD`);
  const { nanoUsd: costNanoUsd, decimals } = amountOf(row, COST);
  return { place: placeOf(row), day, model, requestId: null, costNanoUsd, decimals, calls: null, usage: null };
}

export const googleCsv: BillFormat = {
  provider: 'gemini',
  recognises: (content) => hasColumns(content, [...MOMENT, ...DATE], SKU, COST),
  read(content) {
    const isExport = hasColumns(content, MOMENT);
    const rows = content.kind === 'csv' ? content.rows : [];
    // The downloaded page ends with rows of totals, which have no SKU.
    const billed = rows.filter((row) => isExport || cellOf(row, SKU) !== '');
    const days = billed.map((row) => dayOf(row, isExport ? MOMENT : DATE));
    const lines = billed.map((row, index) => readLine(row, days[index] ?? ''));
    return {
      timeZone: isExport ? 'UTC' : 'America/Los_Angeles',
      lines: lines.filter((line) => line !== null),
      ignored: lines.filter((line) => line === null).length,
      days,
    };
  },
};
