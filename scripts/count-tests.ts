import type { TestModule } from 'vitest/node';

/** How a test run went. */
export interface TestTotals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts the tests of a run. A file that could not be loaded has no tests to count and is one failure; so is each error outside of tests.
 * @param modules the test files of the run
 * @param outsideErrors errors that belong to no test
 */
export function countTests(modules: readonly TestModule[], outsideErrors: number): TestTotals {
  let passed = 0;
  let failed = outsideErrors;
  let skipped = 0;
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state);
    passed += states.filter((state) => state === 'passed').length;
    skipped += states.filter((state) => state === 'skipped' || state === 'pending').length;
    const failures = states.filter((state) => state === 'failed').length;
    failed += failures === 0 && module.state() === 'failed' ? 1 : failures;
  }
  return { passed, failed, skipped };
}
