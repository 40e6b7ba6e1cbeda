import { checkWrite } from './conditions.ts';
import { sendEmpty, sendXml, type Operation } from './exchange.ts';
import { readConditions } from './object-headers.ts';
import { receiveText } from './receive-body.ts';
import { S3Error } from './s3-error.ts';
import { document, element, readElements, readText, textElement } from './xml.ts';

const MAX_OBJECTS = 1000;

/** DeleteObject; deleting what is not there is no error. */
export const deleteObject: Operation = (exchange) => {
  const { bucket, key } = exchange.address;
  const { ifMatch } = readConditions(exchange);
  checkWrite({ ifMatch }, exchange.folder.bucket(bucket).get(key));
  exchange.folder.remove(bucket, key);
  sendEmpty(exchange, 204);
};

/** DeleteObjects: many keys in one request. */
export const deleteObjects: Operation = async (exchange) => {
  const { bucket } = exchange.address;
  exchange.folder.bucket(bucket);
  const xml = await receiveText(exchange);
  const keys = readElements(xml, 'Object').map((object) => readText(object, 'Key') ?? '');
  if (keys.length === 0 || keys.length > MAX_OBJECTS || keys.includes('')) throw new S3Error('MalformedXML');
  for (const key of keys) exchange.folder.remove(bucket, key);
  const quiet = readText(xml, 'Quiet') === 'true';
  sendXml(exchange, document('DeleteResult', quiet ? [] : keys.map((key) => element('Deleted', [textElement('Key', key)]))));
};
