import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Control } from './control.ts';
import { answerControl, CONTROL_PREFIX } from './control-routes.ts';
import { send } from './deliver.ts';
import { findRoute } from './routes.ts';
import { refusalReply, refuseKey, replyToBadBody } from './refuse-call.ts';
import { servePaidCall } from './serve-paid-call.ts';
import { withRequestId } from './vendor.ts';
import { type FreeRoute, jsonReply, type Reply, type WireRequest } from './wire.ts';
import type { World } from './world.ts';

/** Larger bodies are answered with 413. Audio batches are the largest things clients send. */
const LARGEST_BODY_BYTES = 64 * 1024 * 1024;
/** Longer than any client keeps an idle connection, so that none is closed under a request that is on its way. */
const KEEP_ALIVE_MS = 120_000;

class TooLarge extends Error {}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LARGEST_BODY_BYTES) throw new TooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

async function answerFree(route: FreeRoute, request: WireRequest, world: World): Promise<Reply> {
  const requestId = world.nextRequestId();
  const badKey = refuseKey(route.vendor, request);
  if (badKey) return refusalReply(route.vendor, badKey, { requestId });
  try {
    return withRequestId(route.vendor, await route.answer(request, world), requestId);
  } catch (error) {
    return replyToBadBody(route.vendor, error, requestId);
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { world, control }: { world: World; control: Control },
): Promise<void> {
  const method = request.method ?? 'GET';
  const [path = '/', search = ''] = (request.url ?? '/').split('?', 2);
  const query = new URLSearchParams(search);
  const bytes = await readBody(request);
  // Uploads are no JSON.
  const isJson = !/multipart|octet-stream|jsonl/.test(request.headers['content-type'] ?? '');
  const parse = (): unknown => (bytes.length === 0 || !isJson ? null : JSON.parse(bytes.toString('utf8')));

  if (path.startsWith(CONTROL_PREFIX)) {
    const reply = answerControl(method, path.slice(CONTROL_PREFIX.length), {
      request: { query, body: parse() },
      control,
      bill: world.bill,
    });
    return send(response, reply);
  }
  const target = findRoute(method, path);
  if (!target?.found) return send(response, jsonReply({ error: { message: `The simulator has no ${method} ${path}.` } }, { status: 404 }));
  const { route, groups } = target.found;
  const wireRequest = { headers: request.headers, query, groups, body: parse(), bytes };
  if (route.kind === 'paid') return servePaidCall(route, { request: wireRequest, response, world });
  const reply = await answerFree(route, wireRequest, world);
  if (reply.lost === true) return void response.socket?.resetAndDestroy();
  return send(response, reply);
}

function failureReply(error: unknown): Reply {
  if (error instanceof TooLarge) return jsonReply({ error: { message: 'The body is too large.' } }, { status: 413 });
  if (error instanceof SyntaxError) return jsonReply({ error: { message: 'The body is not JSON.' } }, { status: 400 });
  return jsonReply({ error: { message: `The simulator failed: ${error instanceof Error ? error.message : 'unknown'}` } }, { status: 500 });
}

/** The HTTP server of a simulator, not listening yet. */
export function createSimulatorServer(world: World, control: Control): Server {
  const server = createServer((request, response) => {
    serve(request, response, { world, control }).catch((error: unknown) => {
      if (world.closing.aborted || request.errored) return;
      if (response.headersSent) response.destroy();
      else send(response, failureReply(error));
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = 0;
  return server;
}
