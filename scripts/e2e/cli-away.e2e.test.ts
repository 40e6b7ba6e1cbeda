import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeAiCoreCommand, readRunningFile } from './ai-core-command.ts';

const UNREACHABLE = 'postgres://reader:top-secret@127.0.0.1:1/ledger';

describe('the command where nothing runs', () => {
  const command = makeAiCoreCommand();
  afterAll(() => command.remove());

  it('ends with 69 and says what to start', async () => {
    const end = await command.run(['usage']);
    expect(end).toMatchObject({ code: 69, stdout: '' });
    expect(end.stderr).toContain(`no AI Core runs on the data folder ${command.folder}`);
    expect(end.stderr).toContain('Start AI Core with `npm start`');
  });

  it.each(['usage', 'doctor', 'jobs'])('%s names the Postgres that cannot be reached, without its password', async (verb) => {
    const end = await command.run([verb], { DATABASE_URL: UNREACHABLE });
    expect(end.code).toBe(69);
    expect(end.stderr).toContain('Postgres at 127.0.0.1:1/ledger cannot be reached');
    expect(end.stderr).not.toContain('top-secret');
  });

  it('up names the Postgres that cannot be reached', async () => {
    const end = await command.run(['up', '--once'], { DATABASE_URL: UNREACHABLE });
    expect(end.code).toBe(69);
    expect(end.stderr).toContain('Postgres at 127.0.0.1:1/ledger cannot be reached');
    expect(end.stderr).not.toContain('top-secret');
  });

  it('up names the Redis that cannot be reached', async () => {
    const end = await command.run(['up', '--once'], { REDIS_URL: 'redis://:top-secret@127.0.0.1:1' });
    expect(end).toMatchObject({ code: 69, stdout: '' });
    expect(end.stderr).toContain('Redis at 127.0.0.1:1, which holds the queue, cannot be reached');
    expect(end.stderr).not.toContain('top-secret');
  });

  it('takes the address of a process that is gone for none', async () => {
    const file = path.join(command.folder, 'running.json');
    writeFileSync(file, JSON.stringify({ pid: 2 ** 22 + 1, databaseUrl: 'postgres://127.0.0.1:1/x' }));
    expect(readRunningFile(command.folder).pid).toBe(2 ** 22 + 1);
    expect((await command.run(['usage'])).stderr).toContain('no AI Core runs on the data folder');
    rmSync(file);
  });

  it('tells wrong usage before it looks for services, with --json as a document too', async () => {
    expect(await command.runJson(['job', 'abc'])).toMatchObject({ code: 2, document: { error: { code: 'REQUEST_INVALID' } } });
    expect(await command.runJson(['usage', '--dayz', '3'])).toMatchObject({
      code: 2,
      document: { error: { code: 'REQUEST_INVALID', message: expect.stringContaining("unknown option '--dayz'") as unknown } },
    });
    expect(await command.run(['upp'])).toMatchObject({ code: 2, stdout: '' });
    expect(await command.run([])).toMatchObject({ code: 2, stdout: '' });
    expect(await command.run(['up', '--port', 'abc'])).toMatchObject({ code: 2, stdout: '' });
  });

  it('says that a data folder cannot be written to', async () => {
    const file = path.join(command.folder, 'a-file');
    writeFileSync(file, '');
    const end = await command.run(['up', '--once'], { AI_CORE_DATA_DIR: path.join(file, 'data') });
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('cannot be written to; set AI_CORE_DATA_DIR');
  });
});
