/** The little XML that S3 speaks: documents are built from text, requests are read element by element. */

const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const NAMED_ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function escapeText(text: string): string {
  return text.replace(/[<>&"']|\p{Cc}/gu, (character) => `&#${character.charCodeAt(0)};`);
}

const ENTITY = /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi;

function unescapeText(text: string): string {
  return text.replace(ENTITY, (...match: (string | undefined)[]) => {
    const [whole = '', hex, decimal, name] = match;
    if (name !== undefined) return NAMED_ENTITIES[name.toLowerCase()] ?? whole;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : whole;
  });
}

/** An element with text; the text is escaped. */
export function textElement(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeText(String(text))}</${name}>`;
}

/** An element around elements. */
export function element(name: string, children: readonly string[]): string {
  return `<${name}>${children.join('')}</${name}>`;
}

/** A whole document in S3's namespace. */
export function document(name: string, children: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${S3_NAMESPACE}">${children.join('')}</${name}>`;
}

/** @returns what stands inside each element of the name, as XML */
export function readElements(xml: string, name: string): string[] {
  return Array.from(xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}\\s*>`, 'g')), (match) => match[1] ?? '');
}

/** @returns the text of the first element of the name, undefined when there is none */
export function readText(xml: string, name: string): string | undefined {
  const inner = readElements(xml, name)[0];
  return inner === undefined ? undefined : unescapeText(inner);
}
