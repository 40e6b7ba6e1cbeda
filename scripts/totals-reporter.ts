import type { Reporter, TestModule } from 'vitest/node';
import { leftOut } from './test-services.ts';

/** Ends a run with one plain line of totals, and says what was left out on purpose. */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = 0;
    let skipped = 0;
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed++;
        else if (state === 'failed') failed++;
        else skipped++;
      }
      // A file that could not even be loaded has no tests to count.
      if (module.state() === 'failed' && [...module.children.allTests()].every((test) => test.result().state !== 'failed')) failed++;
    }
    failed += errors.length;
    if (passed + failed === 0) {
      failed = 1;
      process.stdout.write('no test ran\n');
    }
    if (failed > 0) process.exitCode = 1;
    const without = leftOut();
    if (without.length > 0) process.stdout.write(`left out on purpose: ${without.join(', ')}\n`);
    process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  }
}
