import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { AiCoreError } from '@ai-core/core';
import type { ExplainedAudioAnswer } from '@ai-core/producer';
import type { RunVerb } from '../../verb.ts';
import { describeAnswer, explainedToWire } from './describe-answer.ts';
import { addRequestOptions, describeAccepted, readRequest, readTimeoutMs, textOption, withAiCore } from './request-options.ts';

/** @throws REQUEST_INVALID when the file cannot be written */
async function writeAudio(file: string, audio: Uint8Array): Promise<string> {
  const whole = path.resolve(file);
  try {
    await writeFile(whole, audio);
  } catch (cause) {
    throw new AiCoreError('REQUEST_INVALID', `the MP3 cannot be written to ${whole}; it is remembered, so asking again costs nothing`, {
      cause,
    });
  }
  return whole;
}

function describe(answer: ExplainedAudioAnswer, file: string | undefined): string[] {
  const place = file ?? `${answer.url}\n(good for 15 minutes; --out writes it to a file)`;
  return [`${answer.seconds.toFixed(1)} s, ${answer.bytes} bytes: ${place}`, '', ...describeAnswer(answer)];
}

function toWire(answer: ExplainedAudioAnswer, file: string | undefined): object {
  const { seconds, bytes, sha256, url } = answer;
  return { ...explainedToWire(answer), audio_url: url, seconds, bytes, sha256, ...(file === undefined ? {} : { file }) };
}

export function declareAudio(parent: Command, run: RunVerb): void {
  const command = parent
    .command('audio')
    .description('speak a text, from memory where it can be')
    .requiredOption('--text <text>', 'what to say')
    .requiredOption('--language <tag>', 'language of the text, for example ja')
    .option('--voice <name>', 'name or id of a voice; default: that of the language')
    .option('--type <name>', 'request type')
    .option('--provider <name>', 'pin the provider')
    .option('--model <name>', "pin the engine (with --provider); default: the provider's own")
    .option('--out <file>', 'write the MP3 to this file');
  addRequestOptions(command).action(
    run(async ({ options, output, connect }) => {
      const timeoutMs = readTimeoutMs(options);
      const request = {
        ...readRequest(options),
        requestType: textOption(options, 'type'),
        text: String(options['text']),
        language: String(options['language']),
        voiceId: textOption(options, 'voice'),
      };
      await withAiCore(await connect(), async (aiCore) => {
        if (options['wait'] === false) return output.result(...describeAccepted(await aiCore.enqueueAudio(request)));
        const answer = await aiCore.generateAudio({ ...request, timeoutMs });
        const out = textOption(options, 'out');
        const file = out === undefined ? undefined : await writeAudio(out, answer.audio);
        output.result(toWire(answer, file), describe(answer, file));
      });
    }),
  );
}
