import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { GatewayOptions } from '@ai-core/gateway';
import type { AiCoreOptions } from '@ai-core/producer';
import type { WorkerOptions } from '@ai-core/worker';

export interface Child {
  readonly process: ChildProcess;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  /** Asks it to end and waits. */
  stop(): Promise<void>;
}

/** What a child is born into. */
export interface Surroundings {
  /** Where its stderr goes: this process's own (default), or an open file. */
  readonly log?: 'inherit' | number;
  /** Settings of the environment that it has besides this process's own, `NAME=value`. */
  readonly environment?: readonly string[];
}

/** Starts a script of this folder in a process of its own and waits until it says it is ready. */
export async function startChild(
  script: string,
  args: readonly string[],
  { log = 'inherit', environment = [] }: Surroundings = {},
): Promise<Child> {
  // env(1) sets the rest and becomes the program: the process id stays.
  const program = environment.length === 0 ? {} : { execPath: '/usr/bin/env', execArgv: [...environment, process.execPath] };
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, {
    stdio: ['ignore', 'inherit', log, 'ipc'],
    serialization: 'advanced',
    ...program,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code, signal) => reject(new Error(`${script} ended with ${code ?? signal}`)));
  });
  return {
    process: child,
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Starts a worker in a process of its own. */
export function startWorkerProcess(options: Omit<WorkerOptions, 'log'>, surroundings?: Surroundings): Promise<Child> {
  return startChild('./worker-process.ts', [JSON.stringify(options)], surroundings);
}

/** Starts a producer in a process of its own. */
export function startProducerProcess(options: AiCoreOptions, surroundings?: Surroundings): Promise<Child> {
  return startChild('./producer-process.ts', [JSON.stringify(options)], surroundings);
}

/** How a gateway process does. */
export interface GatewayStatus {
  readonly url: string;
  /** Processor time since its start, in microseconds. */
  readonly cpuMicros: number;
  readonly peakRssMb: number;
}

export interface GatewayProcess extends Child {
  status(): Promise<GatewayStatus>;
}

function withStatus(child: Child): GatewayProcess {
  return {
    ...child,
    status: () =>
      new Promise<GatewayStatus>((resolve) => {
        child.process.once('message', (status) => resolve(status as GatewayStatus));
        child.process.send('status');
      }),
  };
}

/** Starts a gateway of emulated providers in a process of its own, on any free port. */
export async function startGatewayProcess(
  options: Pick<GatewayOptions, 'databaseUrl' | 'redisUrl' | 'redisPrefix' | 'backlog'>,
): Promise<GatewayProcess> {
  const all = { ...options, host: '127.0.0.1', port: 0, simulated: true };
  return withStatus(await startChild('./gateway-process.ts', [JSON.stringify(all)]));
}

/** Starts a server that answers every request of this key with the same text. */
export async function startBareGateway(key: string, answer: string): Promise<GatewayProcess> {
  return withStatus(await startChild('./bench/bare-gateway.ts', [key, answer]));
}

/** Starts a provider that answers every chat at once with the same completion. */
export async function startStubUpstream(): Promise<GatewayProcess> {
  return withStatus(await startChild('./bench/stub-upstream.ts', []));
}
