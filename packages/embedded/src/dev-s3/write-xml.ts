/** Content of an element: text, or child elements by name, in order; a list repeats its element, undefined leaves it out. */
export type XmlContent = string | number | boolean | Date | { readonly [name: string]: XmlContent | readonly XmlContent[] | undefined };

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** @returns an S3 document; errors alone have no namespace */
export function writeXml(root: string, content: XmlContent): string {
  const namespace = root === 'Error' ? '' : ` xmlns="${NAMESPACE}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace}>${writeContent(content)}</${root}>`;
}

function writeContent(content: XmlContent): string {
  if (content instanceof Date) return content.toISOString();
  if (typeof content !== 'object') return escapeXml(String(content));
  return Object.entries(content)
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((each: XmlContent) => [name, each] as const) : [[name, value as XmlContent | undefined] as const],
    )
    .map(([name, value]) => (value === undefined ? '' : `<${name}>${writeContent(value)}</${name}>`))
    .join('');
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']|\p{Cc}/gu, (character) => `&#${character.charCodeAt(0)};`);
}
