import { CHANGES_TOPIC, openQueue, type QueueBackend } from '@ai-core/queue';
import { forgetMemory, rejectMemory, type Act } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIO_ROLES, startFleet, TEXT_ROLES, type Fleet } from './fleet.ts';

let fleet: Fleet;
let queue: QueueBackend;
let act: Act;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'redis', roles: `${TEXT_ROLES},${AUDIO_ROLES}`, simulator: { speech: 'tiled' } });
  queue = await openQueue({ ...fleet, onError: () => undefined });
  const announce = () => queue.messages.publish([{ topic: CHANGES_TOPIC, text: 'test' }]);
  act = { database: fleet.database, actor: 'mika', announce };
});
afterAll(async () => {
  await queue.close();
  await fleet.stop();
});

const ask = (prompt: string) => fleet.aiCore.generateText({ requestType: 'quiz', prompt });
const say = () => fleet.aiCore.generateAudio({ text: 'What is to be forgotten is said once.', language: 'en' });
/** Well below the 5 seconds a copy may live: the message has arrived, the copy did not just expire. */
const AT_ONCE = { timeout: 3_000, interval: 50 };

/** Asks until the answer has been there twice, so that the process holds a copy of it. */
async function remember(prompt: string): Promise<string> {
  await ask(prompt);
  await ask(prompt);
  const again = await ask(prompt);
  expect(again.source).toBe('memory');
  const { rows } = await fleet.database.pool.query<{ id: string }>('select id from ai_memory where prompt_text = $1 and is_current', [
    prompt,
  ]);
  return rows[0]?.id ?? '';
}

describe('an answer a process holds a copy of', () => {
  it('is not served any more as soon as it is rejected elsewhere', async () => {
    const id = await remember('a question to reject');
    await rejectMemory(act, id, null);
    await expect.poll(async () => (await ask('a question to reject')).source, AT_ONCE).toBe('provider');
  });

  it('is gone as soon as it is forgotten elsewhere', async () => {
    const id = await remember('a question to forget');
    expect(await forgetMemory(act, { memoryId: id }, fleet.objects)).toMatchObject({ memories: 1, objects: 0 });
    await expect.poll(async () => (await ask('a question to forget')).source, AT_ONCE).toBe('provider');
  });
});

it('forgetting speech deletes its MP3, and the next request makes it anew', async () => {
  await say();
  const find = async () =>
    (
      await fleet.database.pool.query<{ id: string; file: string }>(
        `select id, generated_audio_file as file from ai_memory where kind = 'audio'`,
      )
    ).rows;
  const [row] = await find();
  expect(await fleet.objects.head(row?.file ?? '')).toBeDefined();
  expect(await forgetMemory(act, { memoryId: row?.id ?? '' }, fleet.objects)).toMatchObject({ memories: 1, objects: 1 });
  expect(await find()).toEqual([]);
  expect(await fleet.objects.head(row?.file ?? '')).toBeUndefined();
  await expect.poll(async () => (await say()).source, AT_ONCE).toBe('provider');
  expect(await fleet.objects.head(row?.file ?? '')).toBeDefined();
});
