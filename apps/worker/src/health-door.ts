import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readiness } from './progress.ts';

export interface HealthDoorOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly readiness: () => Promise<Readiness>;
}

export interface HealthDoor {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * What orchestrators ask a worker. `/readyz`: it gets on with its work. `/healthz`: starting it anew would not help; a process whose
 * event loop stands still answers neither.
 */
export async function openHealthDoor({ host, port, readiness }: HealthDoorOptions): Promise<HealthDoor> {
  const server = createServer((request, response) => {
    const answer = async (): Promise<{ status: number; body: object }> => {
      if (request.method !== 'GET' || (request.url !== '/readyz' && request.url !== '/healthz')) return { status: 404, body: {} };
      const state = await readiness();
      const healthy = request.url === '/readyz' ? state.ready : !Object.values(state.queues).includes('stuck');
      return { status: healthy ? 200 : 503, body: { status: healthy ? 'ok' : 'unavailable', ...state } };
    };
    void answer()
      .catch(() => ({ status: 500, body: {} }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
        response.end(JSON.stringify(body));
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
