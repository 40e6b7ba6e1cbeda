import type { Command } from 'commander';
import type { Environment, ObjectStoreSettings } from '@ai-core/runtime';
import type { Database } from '@ai-core/store';
import type { Output } from './output.ts';

/** What a verb is called with. */
export interface VerbContext {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly output: Output;
  readonly environment: Environment;
  readonly dataFolder: string;
  /** Finds the AI Core to talk to: a running `npm start`, or the one the environment names. */
  connect(): Promise<Connection>;
}

export interface Connection {
  readonly database: Database;
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly simulated: boolean;
  /** Address of the provider simulator that runs with this AI Core. */
  readonly simulatorUrl: string | undefined;
  /** The object store of MP3s; undefined = none is known, and there is no speech. */
  readonly s3: ObjectStoreSettings | undefined;
  /** Seals personal data; the same for every process on this data folder. */
  readonly sealKey: string;
}

/** Wraps a verb's work: output, errors, exit code. @returns what commander calls */
export type RunVerb = (work: (context: VerbContext) => Promise<number | void>) => (...input: unknown[]) => Promise<void>;

/** One verb: it declares itself, and nothing else knows about it. */
export interface Verb {
  declare(program: Command, run: RunVerb): Command;
}
