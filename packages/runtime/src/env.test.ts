import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseEnvironment } from './env.ts';

describe('the environment', () => {
  it('has defaults for everything a one-machine start needs', () => {
    const { environment, problems } = parseEnvironment({});
    expect(problems).toEqual([]);
    expect(environment).toMatchObject({
      AI_CORE_PORT: 4000,
      AI_CORE_CONSOLE_PORT: 4001,
      AI_CORE_HOST: '127.0.0.1',
      AI_CORE_SIMULATE: false,
    });
  });

  it('counts an empty value as not set', () => {
    expect(parseEnvironment({ DATABASE_URL: '', OPENAI_API_KEY: '' }).environment.OPENAI_API_KEY).toBeUndefined();
  });

  it('says what is wrong with a value without repeating it', () => {
    const { problems } = parseEnvironment({ DATABASE_URL: 'mysql://user:hunter2@host', AI_CORE_PORT: 'http' });
    expect(problems).toHaveLength(2);
    expect(problems.join()).toContain('DATABASE_URL');
    expect(problems.join()).not.toContain('hunter2');
  });

  it('names the variable that was probably meant for an unknown AI_CORE_ name', () => {
    expect(parseEnvironment({ AI_CORE_ROLE: 'all' }).warnings).toEqual([
      'AI_CORE_ROLE is not a variable of AI Core; did you mean AI_CORE_ROLES?',
    ]);
  });

  it('ends a process whose environment is wrong with 78, a sentence and no value', () => {
    const source = `import { readEnvironment } from ${JSON.stringify(new URL('./env.ts', import.meta.url).href)}; readEnvironment();`;
    const { status, stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
      encoding: 'utf8',
      env: { ...process.env, REDIS_URL: 'http://hunter2' },
    });
    expect({ status, stdout }).toEqual({ status: 78, stdout: '' });
    expect(stderr).toBe('The environment is not right:\n  REDIS_URL must be a redis:// or rediss:// URL\n');
  });
});
