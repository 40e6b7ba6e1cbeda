/**
 * A caller that puts a crowd of jobs into the ledger as fast as it can and waits for none of them. Its arguments are JSON AiCoreOptions,
 * the number of jobs, and what they are: text, batch (text that is in no hurry) or audio. It says `ready` when it begins and `done` at the end.
 */
import { createAiCore, type AiCoreOptions } from '@ai-core/producer';

const IN_FLIGHT = 32;
const [options = '{}', count = '0', what = 'text'] = process.argv.slice(2);
const aiCore = await createAiCore({ ...(JSON.parse(options) as AiCoreOptions), onError: () => undefined });
process.once('SIGTERM', () => void aiCore.close().finally(() => process.exit(0)));
process.once('disconnect', () => process.exit(0));
process.send?.('ready');

const enqueue: Readonly<Record<string, (index: number) => Promise<unknown>>> = {
  text: (index) => aiCore.enqueueText({ requestType: 'quiz', prompt: `crowd ${index}` }),
  batch: (index) => aiCore.enqueueText({ requestType: 'quiz', prompt: `bulk ${index}`, lane: 'batch' }),
  audio: (index) => aiCore.enqueueAudio({ text: `Sentence number ${index} of a long lesson.`, language: 'en', lane: 'batch' }),
};
let next = 0;
await Promise.all(
  Array.from({ length: IN_FLIGHT }, async () => {
    for (let index = next++; index < Number(count); index = next++) await enqueue[what]?.(index);
  }),
);
process.send?.('done');
