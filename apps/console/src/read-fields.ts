/**
 * The named fields of a form or a query, as text. A field that is missing, is given twice or is no text is empty: forms of a browser
 * never are, and everything else is refused by what checks the field.
 */
export function readFields<Name extends string>(source: unknown, names: readonly Name[]): Readonly<Record<Name, string>> {
  const given =
    typeof source === 'object' && source !== null ? new Map<string, unknown>(Object.entries(source)) : new Map<string, unknown>();
  const fields = names.map((name) => {
    const value = given.get(name);
    return [name, typeof value === 'string' ? value : ''] as const;
  });
  return Object.fromEntries(fields) as Record<Name, string>;
}
