/** Values of options, checked: wrong ones are told with the option's name. */
import { AiCoreError } from '@ai-core/core';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What was given, for a message. */
function quote(value: unknown): string {
  return `"${typeof value === 'string' ? value : typeof value}"`;
}

/** @returns undefined when the option was not given. @throws REQUEST_INVALID for anything but one of `values` */
export function parseChoice<Value extends string>(text: unknown, option: string, values: readonly Value[]): Value | undefined {
  if (text === undefined) return undefined;
  const found = values.find((value) => value === text);
  if (found !== undefined) return found;
  throw new AiCoreError('REQUEST_INVALID', `${option} takes one of ${values.join(', ')}, not ${quote(text)}`);
}

export interface NumberRange {
  readonly from: number;
  readonly to: number;
  readonly whole?: boolean;
}

/** @returns undefined when the option was not given. @throws REQUEST_INVALID outside of the range */
export function parseNumber(text: unknown, option: string, { from, to, whole = false }: NumberRange): number | undefined {
  if (text === undefined) return undefined;
  const number = typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN;
  if (number >= from && number <= to && (!whole || Number.isInteger(number))) return number;
  throw new AiCoreError('REQUEST_INVALID', `${option} takes a ${whole ? 'whole ' : ''}number from ${from} to ${to}, not ${quote(text)}`);
}

/** @returns undefined when the option was not given. @throws REQUEST_INVALID for anything but an existing day */
export function parseDay(text: unknown, option: string): string | undefined {
  if (text === undefined) return undefined;
  // Date.parse takes 31 February for a day of March.
  if (typeof text === 'string' && DAY.test(text) && new Date(`${text}T00:00:00Z`).getUTCDate() === Number(text.slice(-2))) return text;
  throw new AiCoreError('REQUEST_INVALID', `${option} takes a day as YYYY-MM-DD, not ${quote(text)}`);
}

/** @throws REQUEST_INVALID for anything but an id */
export function parseMemoryId(text: string | undefined): string {
  if (ID.test(text ?? '')) return (text ?? '').toLowerCase();
  throw new AiCoreError('REQUEST_INVALID', `"${text ?? ''}" is not the id of a remembered answer; \`ai-core memory list\` shows them`);
}

/** The text of an option. @returns undefined when it was not given */
export function parseText(text: unknown): string | undefined {
  return typeof text === 'string' ? text : undefined;
}
