/**
 * Health check of a container with a door: `node check-door.mjs http://127.0.0.1:4000/healthz` exits with 0 when it answers 200 within 3 s.
 * The image has no curl.
 */
const TIMEOUT_MS = 3_000;

const url = process.argv[2];
if (url === undefined) {
  console.error('Give the URL to ask.');
  process.exit(64);
}
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) console.error(`${url} answers ${response.status}`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.error(`${url} does not answer: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
