/**
 * A small trainer that is really one: it reads chat examples, keeps them as a retrieval model, measures it on the validation file and writes
 * metrics.json. `node retrieval-trainer.ts train` is what AI_CORE_TRAIN_COMMAND names; `serve FOLDER` answers on an OpenAI-compatible endpoint.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

interface Example {
  readonly question: string;
  readonly answer: string;
}
interface Message {
  readonly role: string;
  readonly content: string;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
}

function likeness(one: ReadonlySet<string>, two: ReadonlySet<string>): number {
  return [...one].filter((word) => two.has(word)).length / Math.max(1, new Set([...one, ...two]).size);
}

function questionOf(messages: readonly Message[]): string {
  return messages.findLast(({ role }) => role === 'user')?.content ?? '';
}

function readExamples(file: string): Example[] {
  if (file === '') return [];
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => {
    const { messages } = JSON.parse(line) as { messages: Message[] };
    return { question: questionOf(messages), answer: messages.at(-1)?.content ?? '' };
  });
}

/** The answer of the most similar question, with the words that differ exchanged. */
function answer(model: readonly Example[], question: string): string {
  const asked = wordsOf(question);
  const ranked = model.map((example) => ({ example, like: likeness(asked, wordsOf(example.question)) }));
  const best = ranked.toSorted((one, two) => two.like - one.like)[0]?.example;
  if (best === undefined) return '';
  const learned = wordsOf(best.question);
  const own = [...asked].filter((word) => !learned.has(word)).join(' ');
  return [...learned].filter((word) => !asked.has(word)).reduce((text, word) => text.replaceAll(word, own), best.answer);
}

function train(): void {
  const { DATA_FILE = '', VALIDATION_FILE = '', BASE_MODEL = '', OUTPUT_DIR = '' } = process.env;
  const model = readExamples(DATA_FILE);
  const validation = readExamples(VALIDATION_FILE);
  console.log(`${model.length} examples on top of ${BASE_MODEL}`);
  const hits = validation.map((example) => likeness(wordsOf(answer(model, example.question)), wordsOf(example.answer)));
  const accuracy = hits.reduce((sum, one) => sum + one, 0) / Math.max(1, hits.length);
  const curve = [{ step: model.length, training_loss: 0, validation_loss: 1 - accuracy, validation_accuracy: accuracy }];
  const metrics = { validation_accuracy: accuracy, validation_loss: 1 - accuracy, training_loss: 0, cost_usd: 0.25, curve };
  writeFileSync(path.join(OUTPUT_DIR, 'model.json'), JSON.stringify(model));
  writeFileSync(path.join(OUTPUT_DIR, 'metrics.json'), JSON.stringify(metrics));
  console.log(`validation accuracy ${accuracy.toFixed(3)}`);
}

function reply(model: readonly Example[], body: string): object {
  const { model: name, messages } = JSON.parse(body) as { model: string; messages: Message[] };
  const question = questionOf(messages);
  const content = answer(model, question);
  const usage = { prompt_tokens: Math.ceil(question.length / 4), completion_tokens: Math.ceil(content.length / 4) };
  return {
    id: 'chatcmpl-local',
    object: 'chat.completion',
    created: 1,
    model: name,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
  };
}

function serve(folder: string): void {
  const model = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8')) as Example[];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(reply(model, Buffer.concat(chunks).toString('utf8'))));
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`));
  process.once('disconnect', () => process.exit(0));
}

if (process.argv[2] === 'serve') serve(process.argv[3] ?? '');
else train();
