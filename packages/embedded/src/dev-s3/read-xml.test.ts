import fc from 'fast-check';
import { expect, test } from 'vitest';
import { childrenOf, readXml, requireText } from './read-xml.ts';
import { writeXml } from './write-xml.ts';

test('any text that is written can be read back', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 5 }), (texts) => {
      const root = readXml(writeXml('List', { Item: texts }), 'List');
      expect(childrenOf(root, 'Item').map((item) => item.text)).toEqual(texts);
    }),
  );
});

test('prefixes, attributes, comments, CDATA and entities are understood', () => {
  const root = readXml(
    '<?xml version="1.0"?>\n<!-- c --><s:Delete xmlns:s="x"><s:Object a="1"><Key>a&amp;&#98;&#x63;<![CDATA[<d>]]></Key><Empty/></s:Object></s:Delete>\n',
    'Delete',
  );
  expect(childrenOf(root, 'Object').map((object) => [requireText(object, 'Key'), requireText(object, 'Empty')])).toEqual([['a&bc<d>', '']]);
});

test.each(['', 'text', '<a>', '<a></b>', '</a>', '<a/><a/>', '<b/>', '<a><b></a></b>', '<a', '<a>&lt;</a>x<', '<!DOCTYPE a><a/>'])(
  'the document %j is refused',
  (document) => {
    expect(() => readXml(document, 'a')).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
  },
);
