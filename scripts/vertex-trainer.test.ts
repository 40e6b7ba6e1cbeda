import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { vertexTrainer, type TrainingOrder } from '@ai-core/flywheel';
import { startSimulator, type Simulator } from '@ai-core/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-vertex-'));
const asked: string[] = [];
let simulator: Simulator;
let tokens: Server;
beforeAll(async () => {
  simulator = await startSimulator({ port: 0 });
  tokens = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(Buffer.concat(chunks).toString('utf8'));
      response.end(JSON.stringify({ access_token: 'a token', expires_in: 3_600 }));
    });
  });
  await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  tokens.close();
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

function trainer() {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const serviceAccount = JSON.stringify({
    client_email: 'trainer@project.example',
    private_key: privateKey,
    token_uri: `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`,
  });
  return vertexTrainer({ project: 'school', location: 'us-central1', bucket: 'data', serviceAccount, baseUrl: simulator.baseUrls.gemini });
}

function order(runId: string): TrainingOrder {
  const trainingPath = path.join(folder, `${runId}.jsonl`);
  const line = (n: number): string =>
    JSON.stringify({
      contents: [
        { role: 'user', parts: [{ text: `question ${n}` }] },
        { role: 'model', parts: [{ text: `answer to question ${n}` }] },
      ],
    });
  writeFileSync(trainingPath, Array.from({ length: 12 }, (_, n) => line(n)).join('\n'));
  return {
    runId,
    batchId: 'batch',
    version: runId,
    baseModel: 'gemini-2.5-flash',
    trainingPath,
    validationPath: trainingPath,
    outputFolder: folder,
    hyperparameters: {},
  };
}

it('tunes on Vertex AI with one token of its service account: upload, submit, find again, poll to the end', async () => {
  const vertex = trainer();
  const run = order('run-one');
  const files = await vertex.upload(run);
  expect(files['training']).toBe('gs://data/ai-core/run-one/train.jsonl');
  expect(await vertex.find(run)).toBeNull();
  const job = await vertex.submit(run, files);
  expect(await vertex.find(run)).toBe(job);
  expect(await vertex.find(order('run-two'))).toBeNull();
  expect((await vertex.poll(job, run)).state).toBe('running');
  await vertex.poll(job, run);
  const done = await vertex.poll(job, run);
  expect(done).toMatchObject({ state: 'succeeded', metrics: { durationMinutes: 30 }, served: { provider: 'local_small_model' } });
  expect(done.metrics?.costNanoUsd).toBe(BigInt(done.metrics?.trainedTokens ?? 0) * 5_000n);
  expect(done.metrics?.validationLoss).toBeLessThan(1);
  expect(asked).toHaveLength(1);
  const assertion = new URLSearchParams(asked[0]).get('assertion') ?? '';
  expect(JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({ iss: 'trainer@project.example' });
});

it('a job with bad data is refused for good', async () => {
  const vertex = trainer();
  await expect(vertex.submit(order('run-three'), { training: 'gs://data/nowhere.jsonl' })).rejects.toThrow(/Vertex AI answered 404/);
});
