/** A whole turn of the flywheel for tests: requests, ratings and verdicts, training, traffic. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { advanceTraining, openaiTrainer, startTraining, type Trainer } from '@ai-core/flywheel';
import type { ExplainedTextAnswer } from '@ai-core/producer';
import { findTrainingRun, rateMemory, verifyMemory, writeTrainingFiles, type TrainingProvider, type TrainingRun } from '@ai-core/store';
import type { Fleet } from './fleet.ts';

export interface Wheel {
  /** Asks that many new questions at once. @returns the answers, in order */
  ask(count: number): Promise<ExplainedTextAnswer[]>;
  /** Rates answers as users would: good when they are on the subject, bad when they are not. */
  rate(answers: readonly ExplainedTextAnswer[]): Promise<void>;
  verify(answers: readonly ExplainedTextAnswer[]): Promise<void>;
  /** Exports what is verified and trains a model with it. */
  train(version: string, options?: { provider?: TrainingProvider; trainer?: Trainer; spoil?: boolean }): Promise<TrainingRun>;
  /** Lets the next requests come from a process that knows the configurations as they are now; others learn of a change within a second or two. */
  reopen(): Promise<void>;
  remove(): void;
}

export function makeWheel(fleet: Fleet): Wheel {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-wheel-'));
  const subjects = new Map<string, string>();
  let asked = 0;
  let { aiCore } = fleet;

  return {
    async ask(count) {
      const first = asked;
      asked += count;
      return Promise.all(
        Array.from({ length: count }, async (_, n) => {
          const subject = `subject${first + n}`;
          const answer = await aiCore.generateText({
            requestType: 'grammar_note',
            prompt: `Explain the grammar of ${subject} to a beginner`,
            options: { difficulty: 'easy' },
            user: `user ${n % 7}`,
          });
          subjects.set(answer.memoryId ?? '', subject);
          return answer;
        }),
      );
    },

    async rate(answers) {
      await Promise.all(
        answers.map(({ memoryId, text }, n) =>
          rateMemory(fleet.database, {
            memoryId: memoryId ?? '',
            userId: `user ${n % 7}`,
            rating: text.includes(subjects.get(memoryId ?? '') ?? '?') ? 5 : 1,
            comment: null,
            caller: 'test',
          }),
        ),
      );
    },

    async verify(answers) {
      const act = { database: fleet.database, actor: 'reviewer', announce: () => Promise.resolve() };
      for (const { memoryId } of answers) await verifyMemory(act, memoryId ?? '');
    },

    async train(
      version,
      {
        provider = 'openai',
        trainer = openaiTrainer({ apiKey: 'simulated', baseUrl: fleet.simulator.baseUrls.openai }),
        spoil = false,
      } = {},
    ) {
      const dataFile = path.join(folder, `${version}.jsonl`);
      const { files } = await writeTrainingFiles(fleet.database, { path: dataFile, format: 'openai-chat', simulated: true });
      if (spoil) await spoilAnswers(files.train.path);
      await startTraining({
        database: fleet.database,
        objects: fleet.objects,
        dataFile,
        validationFile: files.validation.path,
        validationShare: 0.1,
        batchId: `batch of ${version}`,
        version,
        baseModel: 'gpt-4o-mini-2024-07-18',
        provider,
        simulated: true,
        requestedBy: 'test',
      });
      for (;;) {
        await advanceTraining({
          database: fleet.database,
          objects: fleet.objects,
          trainers: { [provider]: trainer },
          workerId: fleet.worker.workerId(),
          host: 'here',
          folder: path.join(folder, 'runs'),
          pollEveryMs: 5,
          submitGraceMs: 0,
        });
        const run = await findTrainingRun(fleet.database, version);
        if (run?.phase === 'finished') return run;
      }
    },

    async reopen() {
      aiCore = await fleet.openAiCore();
    },

    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function spoilAnswers(file: string): Promise<void> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  const spoilt = lines.map((line) => {
    const { messages } = JSON.parse(line) as { messages: { role: string; content: string }[] };
    return JSON.stringify({
      messages: messages.map((message) => (message.role === 'assistant' ? { ...message, content: 'zzz qqq xxx' } : message)),
    });
  });
  await writeFile(file, `${spoilt.join('\n')}\n`);
}
