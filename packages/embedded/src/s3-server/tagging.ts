import { sendEmpty, sendXml, type Operation } from './exchange.ts';
import { checkTags } from './object-headers.ts';
import { receiveText } from './receive-body.ts';
import { document, element, readElements, readText, textElement } from './xml.ts';

export const getTagging: Operation = (exchange) => {
  const { tags } = exchange.folder.object(exchange.address.bucket, exchange.address.key);
  const elements = Object.entries(tags).map(([key, value]) => element('Tag', [textElement('Key', key), textElement('Value', value)]));
  sendXml(exchange, document('Tagging', [element('TagSet', elements)]));
};

export const putTagging: Operation = async (exchange) => {
  const { folder, address } = exchange;
  const xml = await receiveText(exchange);
  const tags = checkTags(readElements(xml, 'Tag').map((tag) => [readText(tag, 'Key') ?? '', readText(tag, 'Value') ?? ''] as const));
  folder.describe(address.bucket, { ...folder.object(address.bucket, address.key), tags });
  sendEmpty(exchange, 200);
};

export const deleteTagging: Operation = (exchange) => {
  const { folder, address } = exchange;
  folder.describe(address.bucket, { ...folder.object(address.bucket, address.key), tags: {} });
  sendEmpty(exchange, 204);
};
