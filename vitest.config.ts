import { availableParallelism } from 'node:os';
import { VARIABLES } from '@ai-core/runtime';
import { defineConfig } from 'vitest/config';

// Tests bring their own services and keys: what this machine has set, a real provider key above all, must not reach them.
// REDIS_URL is the one exception, for scripts/test-services.ts.
for (const name of Object.keys(VARIABLES)) if (name !== 'REDIS_URL') delete process.env[name];

/** Real services for every test that needs them; see scripts/test-services.ts. */
const services = { globalSetup: ['./scripts/test-services.ts'] };
const folders = '{apps/*/src,apps/*/bin,packages/*/src,scripts}';
const excluded = ['**/node_modules/**'];

export default defineConfig({
  test: {
    env: { REDIS_URL: '' },
    // Where there are few cores more workers only wait for each other; where there are many, one database server serves them all.
    maxWorkers: Math.min(Math.max(2, availableParallelism() - 1), 8),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${folders}/**/*.test.ts`],
          exclude: [...excluded, '**/*.{int,e2e,browser,long}.test.ts'],
          // Property tests on a busy machine.
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: [`${folders}/**/*.int.test.ts`],
          exclude: excluded,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          ...services,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: [`${folders}/**/*.e2e.test.ts`],
          exclude: excluded,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          ...services,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [`${folders}/**/*.browser.test.ts`],
          exclude: excluded,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          ...services,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: [`${folders}/**/*.long.test.ts`],
          exclude: excluded,
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          ...services,
        },
      },
    ],
  },
});
