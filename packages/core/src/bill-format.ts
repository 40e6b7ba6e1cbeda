/** A documented export of a provider, and how it is read. Each stands in bill-formats/. */
import { AiCoreError } from './errors.ts';
import type { BillProvider, ProviderBill } from './provider-bill.ts';

export interface CsvRow {
  /** Line of the file, the heading being 1. */
  readonly line: number;
  /** Cells by the heading of their column, in small letters. */
  readonly cells: ReadonlyMap<string, string>;
}

/** A file, taken apart as far as every format shares it. JSON is a list of pages, of which most exports have one. */
export type BillContent =
  | { readonly kind: 'json'; readonly pages: readonly unknown[] }
  | { readonly kind: 'csv'; readonly headings: ReadonlySet<string>; readonly rows: readonly CsvRow[] };

/** What a format makes of a file. `days` are those it covers beyond the days of its lines. */
export interface ReadBill extends Pick<ProviderBill, 'timeZone' | 'lines' | 'ignored'> {
  readonly days: readonly string[];
}

export interface BillFormat {
  readonly provider: BillProvider;
  recognises(content: BillContent): boolean;
  /** @throws REQUEST_INVALID with the place of what cannot be read */
  read(content: BillContent): ReadBill;
}

/** @param place where in the file, `line 4` or `data[0].results[1]` */
export function billFault(place: string, reason: string): AiCoreError {
  return new AiCoreError('REQUEST_INVALID', `${place} of the export: ${reason}`);
}
