import { answerToWire, type AnswerBase, type Explanation, type WireAnswer } from '@ai-core/core';
import { formatUsd } from '../../format-usd.ts';
import { formatTable } from '../../output.ts';

type Answer = AnswerBase & { readonly explanation?: readonly Explanation[] | undefined };

/** The receipt of an answer for people: who, from where, how long, how much. */
export function describeAnswer(answer: Answer): string[] {
  const lines = [
    `${answer.provider}/${answer.model}${answer.simulated ? ' (simulated)' : ''}, from ${answer.source}, ${answer.latencyMs} ms, ` +
      `cost ${formatUsd(answer.costNanoUsd)}, saved ${formatUsd(answer.savedNanoUsd)}${answer.jobId === null ? '' : `, job ${answer.jobId}`}`,
  ];
  if (answer.ignoredOptions.length > 0) lines.push(`left out, the model cannot honour them: ${answer.ignoredOptions.join(', ')}`);
  if (answer.explanation !== undefined) {
    const rows = answer.explanation.map((entry) => [`${entry.provider}/${entry.model}`, entry.taken ? 'yes' : 'no', entry.detail]);
    lines.push('', ...formatTable(['model', 'taken', 'why'], rows));
  }
  return lines;
}

/** The same as HTTP has it. */
export function explainedToWire(answer: Answer): WireAnswer & Pick<Answer, 'explanation'> {
  return { ...answerToWire(answer), ...(answer.explanation === undefined ? {} : { explanation: answer.explanation }) };
}
