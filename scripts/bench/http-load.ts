import { Pool } from 'undici';
import type { GatewayStatus } from '../child-process.ts';
import { rate } from './bench.ts';

export const IN_FLIGHT = 32;
const WARM_UP = 500;

/** A server that says what it has used so far. */
export interface LoadedServer {
  status(): Promise<Pick<GatewayStatus, 'url' | 'cpuMicros'>>;
}

export interface HttpRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpLoad {
  readonly perSecond: number;
  /** Processor time of the server for one request, in microseconds. */
  readonly cpuMicros: number;
}

/**
 * Sends one request over and over, 32 in flight, on connections that stay open.
 * @param count how often, after a warm-up
 * @throws for any answer but 200
 */
export async function loadServer(server: LoadedServer, request: HttpRequest, count: number): Promise<HttpLoad> {
  const { url } = await server.status();
  const pool = new Pool(url, { connections: IN_FLIGHT });
  const { path, body } = request;
  const headers = { ...request.headers, 'content-type': 'application/json' };
  const ask = async (): Promise<void> => {
    const answer = await pool.request({ method: 'POST', path, headers, body });
    if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode}`);
    await answer.body.dump();
  };
  await rate(WARM_UP, IN_FLIGHT, ask);
  const warm = await server.status();
  const perSecond = await rate(count, IN_FLIGHT, ask);
  const after = await server.status();
  await pool.close();
  return { perSecond, cpuMicros: (after.cpuMicros - warm.cpuMicros) / count };
}
