import type { IncomingMessage, ServerResponse } from 'node:http';

/** Every page may use a signed link: the signature is the permission. */
export function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
  response.setHeader(
    'access-control-expose-headers',
    'Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Last-Modified',
  );
  response.setHeader('vary', 'Origin');
}

/** Answers a browser that asks before it sends. @returns true when the request was such a question */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== 'OPTIONS') return false;
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    'access-control-max-age': '600',
  });
  response.end();
  return true;
}
