/** The setup cannot go on. The message says what failed and what to do. */
export class SetupError extends Error {
  /**
   * @param {string} message one sentence for a person
   * @param {number} [exitCode]
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'SetupError';
    this.exitCode = exitCode;
  }
}

/**
 * The code of a system error.
 * @param {unknown} error
 * @returns {string | undefined} such as ENOENT
 */
export function errorCode(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/**
 * Says what the setup is doing. Always on stderr: stdout belongs to the program that is started afterwards.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`[setup] ${text}\n`);
}
