import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from '@ai-core/store/testing';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = readFileSync(path.join(ROOT, 'docs/add-a-provider.md'), 'utf8');
const run = promisify(execFile);

/** A block of the page, by the word after its language. */
function block(name: string): string {
  const found = new RegExp(`^\`\`\`\\w+ ${name}\\n([^]*?)^\`\`\`$`, 'm').exec(PAGE)?.[1];
  if (found === undefined) throw new Error(`docs/add-a-provider.md has no block ${name}`);
  return found;
}

/** What the copy runs: a worker for the new provider, and one question to it. */
const PROGRAM = `
import { createAiCore } from '../packages/producer/src/index.ts';
import { startWorker } from '../apps/worker/src/index.ts';
const { databaseUrl, baseUrl, spoolFolder } = JSON.parse(process.argv[2]);
const silent = () => undefined;
const worker = await startWorker({ databaseUrl, roles: 'text-mistral', access: { mistral: { apiKey: 'the-key', baseUrl } }, spoolFolder,
  log: { debug: silent, info: silent, warn: silent, error: silent } });
const ai = await createAiCore({ databaseUrl });
const ask = { requestType: 'quiz', prompt: 'What is a volcano?', options: { temperature: 0.3, seed: 1 }, timeoutMs: 30_000 };
const first = await ai.generateText(ask);
const again = await ai.generateText(ask);
await ai.close();
await worker.stop({ graceMs: 500 });
process.stdout.write(JSON.stringify([first, again], (_, value) => (typeof value === 'bigint' ? String(value) : value)));
process.exit(0);
`;

describe('a seventh provider, added as docs/add-a-provider.md says', () => {
  const copy = mkdtempSync(path.join(tmpdir(), 'ai-core-seventh-'));
  let vendor: Server;
  let database: TestDatabase;
  const bodies: unknown[] = [];

  function insertInto(file: string, after: string, line: string): void {
    const text = readFileSync(path.join(copy, file), 'utf8');
    expect(text).toContain(after);
    writeFileSync(path.join(copy, file), text.replace(after, `${after}\n${line.trimEnd()}`));
  }

  beforeAll(async () => {
    for (const folder of ['packages', 'apps/worker'])
      cpSync(path.join(ROOT, folder), path.join(copy, folder), { recursive: true, verbatimSymlinks: true });
    for (const file of ['tsconfig.base.json', 'package.json']) cpSync(path.join(ROOT, file), path.join(copy, file));
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
    writeFileSync(path.join(copy, 'packages/providers/src/adapters/mistral.ts'), block('adapter'));
    insertInto('packages/providers/src/registry.ts', 'const ADAPTERS = {', block('registry'));
    insertInto('packages/core/src/provider-facts.ts', 'export const PROVIDERS = {', block('facts'));
    mkdirSync(path.join(copy, 'scripts'));
    writeFileSync(path.join(copy, 'scripts/ask.ts'), PROGRAM);
    writeFileSync(
      path.join(copy, 'tsconfig.json'),
      JSON.stringify({
        extends: './tsconfig.base.json',
        files: ['packages/producer/src/index.ts', 'apps/worker/src/index.ts', 'apps/worker/src/main.ts'],
      }),
    );

    database = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
    await database.database.pool.query(block('rows'));
    vendor = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
        response.writeHead(200, { 'content-type': 'application/json' }).end(
          JSON.stringify({
            model: 'mistral-small-5-2610',
            choices: [{ message: { role: 'assistant', content: 'A mountain that breathes fire.' }, finish_reason: 'stop' }],
            usage: { prompt_tokens: 10, completion_tokens: 7 },
          }),
        );
      });
    }).listen(0, '127.0.0.1');
    await once(vendor, 'listening');
  });
  afterAll(async () => {
    vendor.closeAllConnections();
    vendor.close();
    await database.drop();
    rmSync(copy, { recursive: true, force: true });
  });

  it('is accepted by the compiler with an adapter, a line of the registry and a line of facts', async () => {
    const { stdout } = await run(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', copy]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  it('answers through queue, worker and ledger, is priced by its row, remembered, and says what it cannot do', async () => {
    const { port } = vendor.address() as AddressInfo;
    const settings = { databaseUrl: database.url, baseUrl: `http://127.0.0.1:${port}/v1`, spoolFolder: path.join(copy, 'spool') };
    const { stdout } = await run(process.execPath, [path.join(copy, 'scripts/ask.ts'), JSON.stringify(settings)]);
    const answer = { text: 'A mountain that breathes fire.', provider: 'mistral' };
    // 10 tokens at 0.10 and 7 at 0.30 dollars a million.
    expect(JSON.parse(stdout)).toMatchObject([
      { ...answer, source: 'provider', costNanoUsd: '3100', ignoredOptions: ['seed'] },
      { ...answer, source: 'memory', costNanoUsd: '0', savedNanoUsd: '3100' },
    ]);
    expect(bodies).toMatchObject([{ model: 'mistral-small-5', temperature: 0.3 }]);
  });
});
