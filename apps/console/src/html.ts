/** HTML by tagged template: every value is escaped, unless it was made by this template itself. */

/** Markup that is safe to send. Only html`…` makes one. */
export interface Html {
  readonly markup: string;
}

export type HtmlValue = string | number | bigint | boolean | null | undefined | Html | readonly HtmlValue[];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };
const made = new WeakSet<object>();

function render(value: HtmlValue): string {
  if (value === null || value === undefined || typeof value === 'boolean') return '';
  if (isList(value)) return value.map(render).join('');
  // An object of the same shape from elsewhere, such as parsed JSON, is not trusted.
  if (typeof value === 'object') return made.has(value) ? value.markup : escape(JSON.stringify(value));
  return escape(String(value));
}

function isList(value: HtmlValue): value is readonly HtmlValue[] {
  return Array.isArray(value);
}

function escape(text: string): string {
  return text.replace(/[&<>"'`]/g, (sign) => ESCAPES[sign] ?? sign);
}

/**
 * Markup with escaped values. Attributes must stand in double quotes; a list is joined; true, false, null and undefined are left out,
 * so that `${condition && html`…`}` works.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const markup = parts.map((part, index) => (index === 0 ? part : render(values[index - 1]) + part)).join('');
  const result: Html = { markup };
  made.add(result);
  return result;
}
