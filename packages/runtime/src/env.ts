import { nearest } from './nearest.ts';
import { TEST_VARIABLES, VARIABLES, type Environment } from './variables.ts';

/** sysexits: the configuration is wrong. */
export const EXIT_CONFIGURATION = 78;

export interface ReadEnvironment {
  readonly environment: Environment;
  /** Names that look like ours and are not, with the one that was probably meant. */
  readonly warnings: readonly string[];
  /** What is wrong, one sentence each; empty = all is well. Never holds a value. */
  readonly problems: readonly string[];
}

/**
 * Reads and checks every variable of the table. An empty value counts as not set.
 * @param source default: the environment of this process
 */
export function parseEnvironment(source: Readonly<Record<string, string | undefined>> = process.env): ReadEnvironment {
  const problems: string[] = [];
  const environment: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const value = source[name] === '' ? undefined : source[name];
    const result = variable.schema.safeParse(value);
    if (result.success) environment[name] = result.data;
    else problems.push(`${name} ${result.error.issues[0]?.message ?? 'is not valid'}`);
  }
  const known = [...Object.keys(VARIABLES), ...TEST_VARIABLES];
  const warnings = Object.keys(source)
    .filter((name) => name.startsWith('AI_CORE_') && !known.includes(name))
    .map((name) => `${name} is not a variable of AI Core; did you mean ${nearest(name, known)}?`);
  return { environment: environment as Environment, warnings, problems };
}

/**
 * The environment of this process. On a bad value it says what is wrong and exits with 78.
 * @param warn told of each unknown AI_CORE_* name
 */
export function readEnvironment(warn: (message: string) => void = () => undefined): Environment {
  const { environment, warnings, problems } = parseEnvironment();
  for (const warning of warnings) warn(warning);
  if (problems.length > 0) {
    process.stderr.write(`The environment is not right:\n${problems.map((problem) => `  ${problem}`).join('\n')}\n`);
    process.exit(EXIT_CONFIGURATION);
  }
  return environment;
}

/** What is wrong with the environment of this process, unknown names included: one sentence each, without a value. */
export function findEnvironmentFaults(): string[] {
  const { problems, warnings } = parseEnvironment(process.env);
  return [...problems, ...warnings];
}
