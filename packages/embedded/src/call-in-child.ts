import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** For tests: what a function of this package does in a process that can be killed, or that is somebody else. */
export interface ChildOptions {
  /** Environment variables beside this process's own. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Give up root for this user once the function is loaded. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly umask?: number | undefined;
}

export interface Child<Result> {
  /** What the function resolved to, without its functions. */
  readonly result: Result;
  readonly pid: number;
  /** Kills the child and waits until it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface CallInChild {
  /** Address of the module. */
  readonly module: URL;
  readonly name: string;
  readonly argument: unknown;
  readonly options?: ChildOptions;
}

/** Calls the function, tells what came of it, and stays until its standard input ends. */
const PROGRAM = `
const { module, name, argument, options } = JSON.parse(process.argv[1]);
const loaded = await import(module);
if (options.umask !== undefined) process.umask(options.umask);
if (options.gid !== undefined) { process.setgroups([]); process.setgid(options.gid); }
if (options.uid !== undefined) process.setuid(options.uid);
const told = await loaded[name](argument).then((result) => ({ result }), (error) => ({ error: String(error) }));
process.stdout.write(JSON.stringify(told) + '\\n');
process.stdin.resume().on('end', () => process.exit());
`;

/** @throws Error what the function threw in the child */
export async function callInChild<Result>(call: CallInChild): Promise<Child<Result>> {
  const { module, name, argument, options = {} } = call;
  const words = JSON.stringify({ module: module.href, name, argument, options });
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, words], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...options.env },
  });
  const exited = once(child, 'exit');
  let output = '';
  child.stdout.setEncoding('utf8');
  for await (const text of child.stdout as AsyncIterable<string>) {
    output += text;
    if (output.includes('\n')) break;
  }
  if (!output.includes('\n')) throw new Error(`the child ended with ${String((await exited)[0])} before it told anything`);
  const told = JSON.parse(output) as { result: Result; error?: string };
  async function kill(signal: NodeJS.Signals): Promise<void> {
    child.kill(signal);
    await exited;
  }
  if (told.error !== undefined) {
    await kill('SIGKILL');
    throw new Error(told.error);
  }
  return { result: told.result, pid: child.pid ?? 0, kill };
}
