import type { Command } from 'commander';
import type { RunVerb } from '../../verb.ts';
import { describeAnswer, explainedToWire } from './describe-answer.ts';
import { addRequestOptions, describeAccepted, readRequest, readTimeoutMs, withAiCore } from './request-options.ts';

export function declareText(parent: Command, run: RunVerb): void {
  const command = parent
    .command('text')
    .description('generate a text, from memory where it can be')
    .requiredOption('--type <name>', 'request type, for example lesson_script')
    .requiredOption('--prompt <text>', 'what to write')
    .option('--provider <name>', 'pin the provider (with --model)')
    .option('--model <name>', 'pin the model (with --provider)');
  addRequestOptions(command).action(
    run(async ({ options, output, connect }) => {
      const timeoutMs = readTimeoutMs(options);
      const request = { ...readRequest(options), requestType: String(options['type']), prompt: String(options['prompt']) };
      await withAiCore(await connect(), async (aiCore) => {
        if (options['wait'] === false) return output.result(...describeAccepted(await aiCore.enqueueText(request)));
        const answer = await aiCore.generateText({ ...request, timeoutMs });
        output.result({ ...explainedToWire(answer), text: answer.text }, [answer.text, '', ...describeAnswer(answer)]);
      });
    }),
  );
}
