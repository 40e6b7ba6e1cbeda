import type { AddressInfo } from 'node:net';
import type { ProviderName } from '@ai-core/core';
import type { BillLine } from './bill.ts';
import { type Control, createControl } from './control.ts';
import { VENDORS } from './routes.ts';
import type { Vendor } from './vendor.ts';
import { createSimulatorServer } from './server.ts';
import { createWorld, type WorldOptions } from './world.ts';

export interface SimulatorOptions extends WorldOptions {
  /** 0 or absent = any free port. */
  readonly port?: number | undefined;
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string | undefined;
}

export interface Simulator {
  /** For example http://127.0.0.1:4010 */
  readonly url: string;
  readonly port: number;
  /** What to give each provider's client as its base URL. */
  readonly baseUrls: Readonly<Record<ProviderName, string>>;
  /** Charged calls after line number `since`. */
  bill(since?: number): readonly BillLine[];
  control(): Control;
  /** Drops all connections, open calls included, and closes the bill. */
  close(): Promise<void>;
}

/**
 * The base URL of each emulated vendor.
 * @param url the simulator's own, for example http://127.0.0.1:4010
 */
export function baseUrlsBelow(url: string): Record<ProviderName, string> {
  const below = ({ basePath }: Vendor): string => `${url}${basePath}`;
  const { openai, gemini, claude, elevenlabs, google_tts, local_small_model } = VENDORS;
  return {
    openai: below(openai),
    gemini: below(gemini),
    claude: below(claude),
    elevenlabs: below(elevenlabs),
    google_tts: below(google_tts),
    local_small_model: below(local_small_model),
  };
}

/**
 * Starts a simulator in this process.
 * @returns the running simulator
 * @throws Error when the port is taken or the bill file cannot be opened
 */
export async function startSimulator({ port = 0, host = '127.0.0.1', ...options }: SimulatorOptions = {}): Promise<Simulator> {
  const world = await createWorld(options);
  const control = createControl(world);
  const server = createSimulatorServer(world, control);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const url = `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  return {
    url,
    port: address.port,
    baseUrls: baseUrlsBelow(url),
    bill: (since) => world.bill.lines(since),
    control: () => control,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await world.close();
    },
  };
}
