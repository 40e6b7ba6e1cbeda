import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A place in Bull Board's page where a value goes: `<%= x %>` escaped, `<%- x %>` as it is. */
const PLACE = /<%([=-])\s*(\w+)\s*%>/g;
/** Style sheets and fonts of other hosts: no request of an operator's browser leaves for outside. */
const OUTSIDE_LINK = /<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>\s*/gi;

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/**
 * Bull Board's one page, without what it would fetch from other hosts.
 * @param folder where Bull Board keeps its page
 * @param name file of the page
 * @returns fills the page with values
 * @throws when the page asks for a value that is not given: a new version of Bull Board needs a look
 */
export function loadBoardPage(folder: string, name: string): (values: Readonly<Record<string, string>>) => string {
  const source = readFileSync(path.join(folder, name), 'utf8').replaceAll(OUTSIDE_LINK, '');
  return (values) =>
    source.replaceAll(PLACE, (_, kind: string, key: string) => {
      const value = values[key];
      if (value === undefined) throw new Error(`Bull Board's page asks for "${key}"`);
      return kind === '=' ? escape(value) : value;
    });
}
