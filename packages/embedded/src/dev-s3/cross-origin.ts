import type { Answer } from './call.ts';

/** Browsers of any page may use a link: it is the signature that says who may do what. No cookies are involved. */
export const CROSS_ORIGIN_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': '*',
} as const;

/** Answers what a browser asks before a request to another origin; such questions are never signed. */
export function answerPreflight(headers: { readonly [name: string]: string | string[] | undefined }): Answer {
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
      'access-control-allow-headers': String(headers['access-control-request-headers'] ?? '*'),
      'access-control-max-age': '600',
      vary: 'Access-Control-Request-Headers',
    },
  };
}
