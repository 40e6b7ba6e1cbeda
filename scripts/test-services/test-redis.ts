import { findRedisProgram, installRedis, REDIS_HINT, startRedis } from '@ai-core/embedded';
import { leftOut } from './left-out.ts';

/**
 * The Redis of a test run: REDIS_URL, else a server of its own from the program on this machine, else from the package installed now.
 * @returns address, '' where Redis is left out on purpose
 * @throws Error naming the one command to run
 */
export async function findTestRedis(): Promise<{ url: string; stop(): Promise<void> }> {
  const outside = { stop: async () => undefined };
  if (leftOut().includes('redis')) return { url: '', ...outside };
  const given = process.env['REDIS_URL'];
  if (given !== undefined && given !== '') return { url: given, ...outside };
  if (findRedisProgram() === undefined && !installRedis()) {
    throw new Error(`the tests need Redis: ${REDIS_HINT}. To leave those tests out on purpose: AI_CORE_TEST_WITHOUT=redis npm test`);
  }
  return startRedis();
}
