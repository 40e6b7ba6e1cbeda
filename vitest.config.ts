import { defineConfig } from 'vitest/config';

/** Real services for every test that needs them; see scripts/test-services.ts. */
const services = { globalSetup: ['./scripts/test-services.ts'] };
const excluded = ['**/node_modules/**', '.data/**', '.toolchain/**'];

export default defineConfig({
  test: {
    // Two cores: more workers only wait for each other.
    maxWorkers: 2,
    reporters: ['default', './scripts/totals-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{apps,packages}/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [...excluded, '**/*.{int,e2e,long}.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['{apps,packages}/*/src/**/*.int.test.ts', 'scripts/**/*.int.test.ts'],
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
          include: ['{apps,packages}/*/src/**/*.e2e.test.ts', 'scripts/**/*.e2e.test.ts'],
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
          include: ['{apps,packages,scripts}/**/*.long.test.ts'],
          exclude: excluded,
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          ...services,
        },
      },
    ],
  },
});
