/** Cells of a CSV export, checked. Headings differ between versions of an export, so that a column is asked for by all its names. */
import { billFault, type BillContent, type CsvRow } from '../bill-format.ts';
import { parseBillAmount, type BillAmount } from '../parse-bill-amount.ts';

/** True when each group of names has at least one among the headings. */
export function hasColumns(content: BillContent, ...columns: readonly (readonly string[])[]): boolean {
  return content.kind === 'csv' && columns.every((names) => names.some((name) => content.headings.has(name)));
}

export function placeOf(row: CsvRow): string {
  return `line ${row.line}`;
}

/** @returns the first of the columns that is there and not empty; an empty text when none is */
export function cellOf(row: CsvRow, names: readonly string[]): string {
  for (const name of names) {
    const cell = row.cells.get(name)?.trim();
    if (cell !== undefined && cell !== '') return cell;
  }
  return '';
}

/** @throws REQUEST_INVALID with the line */
export function countOf(row: CsvRow, names: readonly string[]): number {
  const cell = cellOf(row, names);
  const value = cell === '' ? 0 : Number(cell.replaceAll(',', ''));
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw billFault(placeOf(row), `${names[0]} is not a count`);
}

/** @throws REQUEST_INVALID with the line */
export function amountOf(row: CsvRow, names: readonly string[]): BillAmount {
  const amount = parseBillAmount(cellOf(row, names));
  if (amount === null) throw billFault(placeOf(row), `${names[0]} is not an amount of money`);
  return amount;
}

/** @throws REQUEST_INVALID with the line */
export function textOf(row: CsvRow, names: readonly string[]): string {
  const cell = cellOf(row, names);
  if (cell === '') throw billFault(placeOf(row), `${names[0]} is missing`);
  return cell;
}

const UNIX_SECONDS = /^\d{9,10}$/;
const UNIX_MILLISECONDS = /^\d{12,13}$/;
const DATE = /^\d{4}-\d{2}-\d{2}/;

/**
 * The day of a date, of a moment with a date, or of a Unix time in seconds or milliseconds. A moment without a zone is UTC.
 * @throws REQUEST_INVALID with the line
 */
export function dayOf(row: CsvRow, names: readonly string[]): string {
  const cell = textOf(row, names);
  const text = cell.replace(/ UTC$/, 'Z').replace(/^(\S+) (\d)/, '$1T$2');
  const zoned = /T\d/.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text;
  let at = Number.NaN;
  if (UNIX_SECONDS.test(cell)) at = Number(cell) * 1000;
  else if (UNIX_MILLISECONDS.test(cell)) at = Number(cell);
  else if (DATE.test(cell)) at = Date.parse(zoned);
  if (Number.isNaN(at)) throw billFault(placeOf(row), `${names[0]} is not a day`);
  return new Date(at).toISOString().slice(0, 10);
}
