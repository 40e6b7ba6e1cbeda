import { constants } from 'node:os';
import { runProgram } from '../../apps/cli/bin/run-program.mjs';
import { errorCode, SetupError } from './setup-error.mjs';

/**
 * Runs one step of the setup with all its output on stderr, and throws unless it succeeds.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {string} options.cwd
 * @param {Record<string, string | undefined>} options.env
 * @param {boolean} [options.shell]
 * @param {string} options.missing what to say when the program is not there
 * @param {string} options.failed what to say when it fails
 */
export async function runStep(command, args, { cwd, env, shell = false, missing, failed }) {
  let outcome;
  try {
    outcome = await runProgram(command, args, { cwd, env, shell, stdio: ['ignore', 2, 2] });
  } catch (error) {
    throw new SetupError(errorCode(error) === 'ENOENT' ? missing : `${failed} (${String(error)})`);
  }
  const { code, stoppedBy } = outcome;
  if (stoppedBy !== undefined) throw new SetupError(`stopped by ${stoppedBy}`, 128 + constants.signals[stoppedBy]);
  if (code !== 0) throw new SetupError(failed);
}
