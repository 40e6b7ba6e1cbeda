import { execFile } from 'node:child_process';
import path from 'node:path';
import { ERRORS } from '@ai-core/core';
import { verifyMemory } from '@ai-core/store';
import { describe, expect, it } from 'vitest';
import { findPython } from '../test-services/find-python.ts';
import { leftOut } from '../test-services/left-out.ts';
import { AUDIO_ROLES, startFleet, TEXT_ROLES, type Fleet } from './fleet.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../packages/python-client');

interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs the unit tests of the Python client. Not in this process's way: the gateway they ask runs here. */
function runUnitTests(program: string, environment: Readonly<Record<string, string>>): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      program,
      ['-m', 'unittest', 'discover', '-v', '-s', 'tests', '-t', '.'],
      { cwd: FOLDER, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...environment }, timeout: 100_000 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : 1, output: `${stdout}${stderr}` }),
    );
  });
}

/** What there is to train with: answers a person has verified. */
async function verifyExamples(fleet: Fleet): Promise<void> {
  // Nobody keeps copies yet who would have to hear of it.
  const act = { database: fleet.database, actor: 'test', announce: async () => undefined };
  for (let number = 1; number <= 8; number++) {
    const { memoryId } = await fleet.aiCore.generateText({ requestType: 'quiz', prompt: `Verified example ${number}` });
    await verifyMemory(act, memoryId ?? '');
  }
}

describe('the Python client', () => {
  it('runs the code of the guide as printed against a gateway, and meets its own tests', async ({ skip }) => {
    skip(leftOut().includes('python'), 'left out by AI_CORE_TEST_WITHOUT');
    const fleet = await startFleet({ queue: 'postgres', roles: `${TEXT_ROLES},${AUDIO_ROLES}`, simulator: { speech: 'tiled' } });
    try {
      await verifyExamples(fleet);
      const gateway = await fleet.openGateway();
      const { code, output } = await runUnitTests(findPython(), {
        AI_CORE_URL: gateway.url,
        AI_CORE_API_KEY: await fleet.makeKey('django', 'admin'),
        AI_CORE_TEST_ERROR_CODES: Object.keys(ERRORS).join(','),
      });
      expect(output).toMatch(/\nOK\n$/);
      expect(code).toBe(0);
      const { rows } = await fleet.database.pool.query<{ everything: string }>(
        `select coalesce((select string_agg(to_jsonb(m)::text, ' ') from ai_memory m), '') || coalesce((select string_agg(to_jsonb(j)::text, ' ') from ai_job j), '') as everything`,
      );
      expect(rows[0]?.everything).toContain('photosynthesis');
      expect(rows[0]?.everything).not.toMatch(/Hanako|Yamada/);
    } finally {
      await fleet.stop();
    }
  });
});
