/**
 * Health check of a container with a door: `node check-door.mjs http://127.0.0.1:4000/healthz` exits with 0 when it answers 200 within 3 s.
 * The image has no curl.
 */
const TIMEOUT_MS = 3_000;
/** The command was called wrongly (sysexits: EX_USAGE). */
const EXIT_USAGE = 64;

/**
 * @param {string} url
 * @returns {Promise<string | undefined>} what is wrong; undefined when all is well
 */
async function askDoor(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? undefined : `answers ${response.status}`;
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return `does not answer: ${cause instanceof Error ? cause.message : 'no reason given'}`;
  }
}

const url = process.argv[2];
if (url === undefined) {
  process.stderr.write('Give the URL to ask.\n');
  process.exitCode = EXIT_USAGE;
} else {
  const problem = await askDoor(url);
  if (problem !== undefined) process.stderr.write(`${url} ${problem}\n`);
  process.exitCode = problem === undefined ? 0 : 1;
}
