import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from '@ai-core/embedded';
import { startStubUpstream } from '../child-process.ts';
import { startBenchGateway } from './bench-gateway.ts';
import { median, type Bench, type BenchServices, type Measurement } from './bench.ts';
import { loadServer, type HttpLoad, type LoadedServer } from './http-load.ts';

const PEER = '@portkey-ai/gateway';
const VERSION = '1.15.2';
const TIMES_AS_FAST = 5;
/** Of /proc: clock ticks are hundredths of a second on every Linux there is. */
const MICROS_PER_TICK = 10_000;
const PROMPT = 'A prompt of six hundred bytes. '.repeat(20);

interface Peer extends LoadedServer {
  stop(): Promise<void>;
}

/** Processor time of a process so far, from /proc. */
function cpuMicrosOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces: count from behind it. Fields 14 and 15 are user and system time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK;
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

/** Fetches the peer from the package registry and starts it in a process of its own. */
async function startPeer(): Promise<Peer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-peer-'));
  execFileSync('pnpm', ['add', '--silent', '--ignore-scripts', '--dir', folder, `${PEER}@${VERSION}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const port = await findFreePort();
  const program = path.join(folder, 'node_modules', PEER, 'build/start-server.js');
  const child = spawn(process.execPath, [program, `--port=${port}`, '--headless'], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`${PEER} ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    status: async () => ({ url, cpuMicros: cpuMicrosOf(child.pid ?? 0) }),
    async stop() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

async function measure(services: BenchServices): Promise<Measurement[]> {
  const opened = await startBenchGateway(services);
  const { run, gateway, key } = opened;
  const upstream = await startStubUpstream();
  const peer = await startPeer();

  const body = JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: `${run} ${PROMPT}` }] });
  const chat = { path: '/v1/chat/completions', body };
  const toOurs = { ...chat, headers: { authorization: `Bearer ${key}` } };
  const upstreamUrl = `${(await upstream.status()).url}/v1`;
  const toPeer = {
    ...chat,
    headers: { authorization: 'Bearer none', 'x-portkey-provider': 'openai', 'x-portkey-custom-host': upstreamUrl },
  };
  const count = services.quick ? 3_000 : 10_000;
  const ours: HttpLoad[] = [];
  const theirs: HttpLoad[] = [];
  // The first of it is the miss that all others are answered from.
  await fetch(`${(await gateway.status()).url}${chat.path}`, {
    method: 'POST',
    headers: { ...toOurs.headers, 'content-type': 'application/json' },
    body,
  });
  for (let round = 0; round < (services.quick ? 1 : 3); round++) {
    theirs.push(await loadServer(peer, toPeer, count));
    ours.push(await loadServer(gateway, toOurs, count));
  }
  await Promise.all([opened.stop(), upstream.stop(), peer.stop()]);

  function compare(what: keyof HttpLoad): Pick<Measurement, 'ours' | 'yardstick' | 'ratio'> {
    const [mine, yardstick] = [ours, theirs].map((loads) => median(loads.map((load) => load[what])));
    return { ours: mine ?? Number.NaN, yardstick: yardstick ?? Number.NaN, ratio: (mine ?? Number.NaN) / (yardstick ?? Number.NaN) };
  }
  const speed = compare('perSecond');
  const cpu = compare('cpuMicros');
  const peerName = `${PEER} ${VERSION} that proxies to a server answering at once`;
  return [
    {
      ...speed,
      bench: 'peer-gateway chats answered',
      unit: 'chats/s',
      goal: `>= ${TIMES_AS_FAST} times ${peerName}`,
      met: speed.ratio >= TIMES_AS_FAST,
    },
    {
      ...cpu,
      bench: 'peer-gateway processor time',
      unit: 'µs',
      goal: `<= 1/${TIMES_AS_FAST} of the same`,
      met: cpu.ratio <= 1 / TIMES_AS_FAST,
    },
  ];
}

export const peerGateway: Bench = {
  about: 'remembered chats over HTTP with accounts on, against a proxying gateway that has neither memory nor accounts',
  run: measure,
};
