import { S3Error } from './s3-error.ts';

/** An element of a small document: attributes, comments and namespaces are of no interest here. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Text directly inside, entities resolved. */
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const TOKEN = /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([^\s>]+)\s*>|<([^\s<>/!?]+)((?:\s[^<>]*?)?)(\/?)>|([^<]+)/gy;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * @returns the root element; its name is checked
 * @throws S3Error `MalformedXML`
 */
export function readXml(document: string, rootName: string): XmlElement {
  const top: OpenElement = { name: '', children: [], text: '' };
  const open: OpenElement[] = [top];
  let end = 0;
  for (const match of document.matchAll(TOKEN)) {
    end = match.index + match[0].length;
    const [, cdata, closed, opened, , selfClosing, text] = match;
    const inner = open.at(-1);
    if (inner === undefined) throw new S3Error('MalformedXML');
    if (text !== undefined) inner.text += resolveEntities(text);
    if (cdata !== undefined) inner.text += cdata;
    if (opened !== undefined) {
      const element: OpenElement = { name: withoutPrefix(opened), children: [], text: '' };
      inner.children.push(element);
      if (selfClosing === '') open.push(element);
    }
    if (closed !== undefined) {
      if (inner === top || inner.name !== withoutPrefix(closed)) throw new S3Error('MalformedXML');
      open.pop();
    }
  }
  const [root, ...others] = top.children;
  if (end !== document.length || open.length !== 1 || root === undefined || others.length > 0 || root.name !== rootName) {
    throw new S3Error('MalformedXML');
  }
  return root;
}

export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

export function textOf(element: XmlElement, name: string): string | undefined {
  return childrenOf(element, name)[0]?.text;
}

/** @throws S3Error `MalformedXML` when the element has no such child */
export function requireText(element: XmlElement, name: string): string {
  const text = textOf(element, name);
  if (text === undefined) throw new S3Error('MalformedXML', `<${element.name}> has no <${name}>.`);
  return text;
}

function withoutPrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function resolveEntities(text: string): string {
  return text.replace(/&(#?)(\w{1,8});/g, (entity, sharp: string, name: string) => {
    if (sharp === '') return NAMED[name] ?? entity;
    const codePoint = Number(name.toLowerCase().replace(/^x/, '0x'));
    return Number.isInteger(codePoint) && codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : entity;
  });
}
