/** Comma-separated values as RFC 4180 describes them: quoted cells may hold commas, line ends and doubled quotes. */
import { AiCoreError } from './errors.ts';

export interface CsvRecord {
  /** The line it begins on; the first line of a file is 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** The end of the quoted cell that begins at `start`, or -1. A doubled quote is a part of it. */
function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

const PLAIN_CELL = /[^,\r\n]*/y;

function endOfPlainCell(text: string, start: number): number {
  PLAIN_CELL.lastIndex = start;
  PLAIN_CELL.test(text);
  return PLAIN_CELL.lastIndex;
}

/**
 * @returns its records without empty lines
 * @throws AiCoreError REQUEST_INVALID with the line of a quoted cell that is not closed, or is followed by something else
 */
export function parseCsv(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const begin = line;
    const cells: string[] = [];
    let more = true;
    while (more) {
      let end: number;
      if (text[at] === '"') {
        const close = closingQuote(text, at);
        if (close === -1) throw new AiCoreError('REQUEST_INVALID', `line ${line} of the export: a quoted cell is not closed`);
        const cell = text.slice(at + 1, close).replaceAll('""', '"');
        line += cell.split('\n').length - 1;
        cells.push(cell);
        end = close + 1;
        if (end < text.length && !/[,\r\n]/.test(text.charAt(end))) {
          throw new AiCoreError('REQUEST_INVALID', `line ${line} of the export: something follows a quoted cell`);
        }
      } else {
        end = endOfPlainCell(text, at);
        cells.push(text.slice(at, end));
      }
      more = text[end] === ',';
      at = end + 1;
      if (text[end] === '\r' && text[at] === '\n') at++;
    }
    line++;
    if (cells.length > 1 || cells[0]?.trim() !== '') records.push({ line: begin, cells });
  }
  return records;
}
