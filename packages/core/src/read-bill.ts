/** A provider's export, whichever of the documented ones it is. */
import type { BillContent, BillFormat } from './bill-format.ts';
import { claudeReport } from './bill-formats/claude-report.ts';
import { elevenlabsCsv } from './bill-formats/elevenlabs-csv.ts';
import { elevenlabsHistory } from './bill-formats/elevenlabs-history.ts';
import { elevenlabsStats } from './bill-formats/elevenlabs-stats.ts';
import { googleCsv } from './bill-formats/google-csv.ts';
import { openaiCsv } from './bill-formats/openai-csv.ts';
import { openaiReport } from './bill-formats/openai-report.ts';
import { AiCoreError } from './errors.ts';
import { parseCsv } from './parse-csv.ts';
import type { BillProvider, ProviderBill } from './provider-bill.ts';

const FORMATS: readonly BillFormat[] = [
  openaiReport,
  claudeReport,
  elevenlabsStats,
  elevenlabsHistory,
  openaiCsv,
  googleCsv,
  elevenlabsCsv,
];

/** True when more text could still make JSON of it. The engine's message says where it stopped: before the end is a fault. */
function isBegunJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = /position (\d+)/.exec(message)?.[1];
    return message.startsWith('Unexpected end') || (position !== undefined && Number(position) >= text.length);
  }
}

/** The first line with which the text cannot become JSON any more; the last one when it only ends too early. */
function findFaultyLine(text: string): number {
  const lines = text.trimEnd().split('\n');
  let sound = 0;
  let faulty = lines.length;
  while (faulty - sound > 1) {
    const middle = Math.floor((sound + faulty) / 2);
    if (isBegunJson(lines.slice(0, middle).join('\n'))) sound = middle;
    else faulty = middle;
  }
  return faulty;
}

function takeJsonApart(text: string): BillContent {
  try {
    const value: unknown = JSON.parse(text);
    return { kind: 'json', pages: Array.isArray(value) ? value : [value] };
  } catch (cause) {
    throw new AiCoreError('REQUEST_INVALID', `line ${findFaultyLine(text)} of the export: it is not JSON from here on`, { cause });
  }
}

function takeCsvApart(text: string): BillContent {
  const [head, ...records] = parseCsv(text);
  const headings = (head?.cells ?? []).map((cell) => cell.trim().toLowerCase());
  const rows = records.map(({ line, cells }) => {
    if (cells.length > headings.length) {
      throw new AiCoreError(
        'REQUEST_INVALID',
        `line ${line} of the export: it has ${cells.length} cells under ${headings.length} headings`,
      );
    }
    return { line, cells: new Map(headings.map((heading, column) => [heading, cells[column] ?? ''])) };
  });
  return { kind: 'csv', headings: new Set(headings), rows };
}

/**
 * @param text the file, JSON or CSV; pages of JSON may stand in one list
 * @param provider whose export it is; null = told from its form
 * @throws AiCoreError REQUEST_INVALID with the place of what cannot be read, and for a form that is not known or covers no day
 */
export function readBill(text: string, provider: BillProvider | null = null): ProviderBill {
  const content = /^\uFEFF?\s*[[{]/.test(text) ? takeJsonApart(text.replace(/^\uFEFF/, '')) : takeCsvApart(text);
  const format = FORMATS.find((known) => (provider === null || known.provider === provider) && known.recognises(content));
  if (format === undefined) {
    const whose = provider === null ? 'any provider' : provider;
    throw new AiCoreError(
      'REQUEST_INVALID',
      `line 1 of the export: this is no known export of ${whose}; docs/operations/money.md lists them`,
    );
  }
  const { days, ...read } = format.read(content);
  const all = [...days, ...read.lines.map((line) => line.day)].toSorted();
  const [from] = all;
  const to = all.at(-1);
  if (from === undefined || to === undefined) throw new AiCoreError('REQUEST_INVALID', 'the export covers no day');
  return { provider: format.provider, ...read, from, to };
}
