import { startBareGateway, type GatewayProcess } from '../child-process.ts';
import { startBenchGateway } from './bench-gateway.ts';
import { median, type Bench, type BenchServices, type Measurement } from './bench.ts';
import { IN_FLIGHT, loadServer, type HttpLoad } from './http-load.ts';

const GOAL = 0.4;
/** What the gateway of the comparison, a proxy without memory or accounts, needs for a request on a machine like this one. */
const PEER_CPU_MICROS = 775;
const PROMPT = 'A prompt of six hundred bytes. '.repeat(20);

/** Has one answer remembered. @returns it as the gateway gives it out */
async function remember(gateway: GatewayProcess, key: string, body: string): Promise<string> {
  const { url } = await gateway.status();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  await (await fetch(`${url}/v1/text`, { method: 'POST', headers, body })).text();
  return (await fetch(`${url}/v1/text`, { method: 'POST', headers, body })).text();
}

async function measure(services: BenchServices): Promise<Measurement[]> {
  const opened = await startBenchGateway(services);
  const { run, gateway, key } = opened;
  const body = JSON.stringify({ request_type: 'bench', prompt: `${run} ${PROMPT}` });
  const bare = await startBareGateway(key, await remember(gateway, key, body));

  const request = { path: '/v1/text', headers: { authorization: `Bearer ${key}` }, body };
  const ours: HttpLoad[] = [];
  const yardstick: HttpLoad[] = [];
  const count = services.quick ? 5_000 : 20_000;
  for (let round = 0; round < (services.quick ? 1 : 3); round++) {
    yardstick.push(await loadServer(bare, request, count));
    ours.push(await loadServer(gateway, request, count));
  }
  await Promise.all([opened.stop(), bare.stop()]);

  const perSecond = (loads: readonly HttpLoad[]): number => median(loads.map((one) => one.perSecond));
  const ratio = perSecond(ours) / perSecond(yardstick);
  const cpuMicros = median(ours.map((one) => one.cpuMicros));
  return [
    {
      bench: `memory-hit-gateway ${IN_FLIGHT} in flight`,
      ours: Math.round(perSecond(ours)),
      yardstick: Math.round(perSecond(yardstick)),
      ratio,
      unit: 'hits/s',
      goal: `>= ${GOAL} of a bare Fastify route with the same body, key check and schema`,
      met: ratio >= GOAL,
    },
    {
      bench: 'memory-hit-gateway processor time',
      ours: cpuMicros,
      yardstick: PEER_CPU_MICROS,
      ratio: cpuMicros / PEER_CPU_MICROS,
      unit: 'µs',
      goal: '<= 1/5 of what a proxying gateway without memory was measured at',
      met: cpuMicros <= PEER_CPU_MICROS / 5,
    },
  ];
}

export const memoryHitGateway: Bench = {
  about: 'memory hits per second over HTTP (key, check, hash, usage row), against a bare Fastify route; and their processor time',
  run: measure,
};
