import { isDoneBefore, type Json } from '@ai-core/core';
import type { z } from 'zod';

/** The options that one provider's engines take, by the name callers use. */
export type SpeechOptionTable = Readonly<Record<string, z.ZodType>>;

export interface SpeechSettings<Table extends SpeechOptionTable> {
  /** The good values among the options of the table. */
  readonly taken: { readonly [Name in keyof Table]?: z.output<Table[Name]> };
  readonly ignoredOptions: readonly string[];
}

/** Picks the options that an engine takes; what it does not take, or not with that value, is named in ignoredOptions. */
export function mapSpeechOptions<Table extends SpeechOptionTable>(
  options: Readonly<Record<string, Json>>,
  table: Table,
): SpeechSettings<Table> {
  const taken: { [Name in keyof Table]?: z.output<Table[Name]> } = {};
  const ignored: string[] = [];
  const names = new Set<keyof Table>(Object.keys(table));
  for (const [name, value] of Object.entries(options)) {
    if (value === null || isDoneBefore(name, value)) continue;
    const parsed = names.has(name) ? table[name]?.safeParse(value) : undefined;
    if (parsed?.success) Object.assign(taken, { [name]: parsed.data });
    else ignored.push(name);
  }
  return { taken, ignoredOptions: ignored.toSorted() };
}
