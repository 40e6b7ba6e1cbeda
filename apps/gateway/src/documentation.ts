import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AiCoreError } from '@ai-core/core';
import { z } from 'zod';
import manifest from '../package.json' with { type: 'json' };
import { describeRoutes } from './open-api.ts';
import { LOOK_TIMEOUT_MS } from './route-parts.ts';
import { declareRoute, type Route } from './route.ts';

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>AI Core: HTTP API</title><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="page"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/begin.js"></script></body>
</html>
`;
const BEGIN = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#page', deepLinking: true, validatorUrl: null });\n`;

/** Everything comes from here; the browser is told to fetch nothing elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

function readAsset(file: string): string {
  return readFileSync(fileURLToPath(import.meta.resolve(`swagger-ui-dist/${file}`)), 'utf8');
}

const ASSETS: Readonly<Record<string, { readonly type: string; read(): string }>> = {
  'swagger-ui.css': { type: 'text/css; charset=utf-8', read: () => readAsset('swagger-ui.css') },
  'swagger-ui-bundle.js': { type: 'text/javascript; charset=utf-8', read: () => readAsset('swagger-ui-bundle.js') },
  'begin.js': { type: 'text/javascript; charset=utf-8', read: () => BEGIN },
};

const open = {
  method: 'GET',
  need: 'nothing',
  scope: 'nothing',
  tag: 'documentation',
  errors: 'problem',
  timeoutMs: LOOK_TIMEOUT_MS,
} as const;

/** The description of a route table, for programs and for people. */
export function documentationRoutes(described: readonly Route[]): Route[] {
  const document = JSON.stringify(describeRoutes(described, manifest.version));
  const read = new Map<string, string>();
  return [
    declareRoute({
      ...open,
      path: '/openapi.json',
      about: 'This API as an OpenAPI 3.1 document',
      responses: { 200: { about: 'the document' } },
      handle: async ({ reply }) => reply.type('application/json; charset=utf-8').send(document),
    }),
    declareRoute({
      ...open,
      path: '/docs',
      about: 'This API as a page',
      responses: { 200: { about: 'the page', contentTypes: ['text/html'] } },
      handle: async ({ reply }) => reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(PAGE),
    }),
    declareRoute({
      ...open,
      path: '/docs/:file',
      about: 'A file of the page',
      params: z.strictObject({ file: z.string() }),
      responses: { 200: { about: 'the file', contentTypes: ['text/css', 'text/javascript'] } },
      async handle({ params, reply }) {
        const asset = Object.hasOwn(ASSETS, params.file) ? ASSETS[params.file] : undefined;
        if (asset === undefined) throw new AiCoreError('NOT_FOUND', 'there is no such file');
        const text = read.get(params.file) ?? asset.read();
        read.set(params.file, text);
        return reply.header('cache-control', 'public, max-age=3600').type(asset.type).send(text);
      },
    }),
  ];
}
