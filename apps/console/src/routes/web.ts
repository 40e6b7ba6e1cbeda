import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { AiCoreError } from '@ai-core/core';
import { ASSET_URLS } from '../asset-files.ts';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';
import { readOverview } from '../overview.ts';
import { startPage } from '../pages/start-page.ts';
import { NONCE } from '../web-app.ts';

const ICON = `<link rel="icon" href="${ASSET_URLS['icon.svg']}" />`;
const STYLE_POLICY = "style-src 'self'";
/** How often the page that is shown meanwhile looks whether the user interface is ready. */
const LOOK_AGAIN_S = 3;

/** The user interface; while it is being prepared, the same in short, made by the server. */
export function registerWeb(app: FastifyInstance, services: ConsoleServices): void {
  app.get('/', async (request, reply) => {
    const web = services.findWebApp();
    reply.type('text/html; charset=utf-8');
    if (web === null) {
      const overview = await readOverview(services);
      if (services.isPreparing()) reply.header('refresh', String(LOOK_AGAIN_S));
      return reply.send(startPage(sessionOf(request), overview, services.isPreparing()));
    }
    // Styles that the user interface makes at run time carry this; nothing that came in from outside can know it.
    const nonce = randomBytes(16).toString('base64');
    const policy = String(reply.getHeader('content-security-policy'));
    reply.header('content-security-policy', policy.replace(STYLE_POLICY, `${STYLE_POLICY} 'nonce-${nonce}'`));
    return reply.send(web.page.replaceAll(NONCE, nonce).replace('</head>', `${ICON}</head>`));
  });

  app.get<{ Params: { file: string } }>('/app/:file', async (request, reply) => {
    const file = services.findWebApp()?.files.get(request.params.file);
    if (file === undefined) throw new AiCoreError('NOT_FOUND', 'there is no such file');
    reply.type(file.type).header('cache-control', 'private, max-age=31536000, immutable').header('vary', 'accept-encoding');
    const isGzip = file.gzipped !== null && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    return isGzip ? reply.header('content-encoding', 'gzip').send(file.gzipped) : reply.send(file.bytes);
  });
}
