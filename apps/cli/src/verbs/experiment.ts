import { AiCoreError } from '@ai-core/core';
import { reportExperiment, startExperiment, stopExperiment, type ArmReport, type ExperimentReport } from '@ai-core/store';
import { formatUsd } from '../format-usd.ts';
import { formatTable } from '../output.ts';
import { parseModel } from '../parse-model.ts';
import type { Verb } from '../verb.ts';

function row(arm: string, report: ArmReport): string[] {
  const { quality } = report;
  return [
    arm,
    `${report.provider}/${report.model}`,
    String(report.answers),
    String(report.failures),
    quality === null ? 'unknown' : `${quality.estimate.toFixed(3)} (${quality.low.toFixed(3)} to ${quality.high.toFixed(3)})`,
    formatUsd(BigInt(report.costPerAnswerNanoUsd)),
    `${report.averageLatencyMs} ms`,
    `${report.p95LatencyMs} ms`,
  ];
}

function describe(report: ExperimentReport): string[] {
  return [
    `${report.name}   ${report.state}, ${report.candidateShare} % of ${report.requestTypes.length === 0 ? 'all request types' : report.requestTypes.join(', ')}`,
    ...formatTable(
      ['arm', 'model', 'answers', 'failures', 'quality', 'cost each', 'latency', 'p95'],
      [row('control', report.control), row('candidate', report.candidate)],
    ),
    `saved by the candidate: ${formatUsd(BigInt(report.savedNanoUsd))}`,
  ];
}

/** Compares two models on the prompts of some request types. */
export const experiment: Verb = {
  declare: (program, run) => {
    const command = program
      .command('experiment')
      .description('compare two models in traffic: each prompt goes to one of them, by its hash');
    command
      .command('start')
      .argument('<name>', 'a name of its own')
      .requiredOption('--control <model>', 'PROVIDER/MODEL')
      .requiredOption('--candidate <model>', 'PROVIDER/MODEL')
      .option('--share <percent>', 'prompts for the candidate, 1 to 99', '50')
      .option('--request-type <types>', 'only these, separated by commas')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ args, options, output, connect }) => {
          const control = parseModel(options['control'], '--control');
          const candidate = parseModel(options['candidate'], '--candidate');
          if (control === undefined || candidate === undefined)
            throw new AiCoreError('REQUEST_INVALID', '--control and --candidate take PROVIDER/MODEL');
          const { database, simulated } = await connect();
          const name = args[0] ?? '';
          const types = options['requestType'];
          await startExperiment(database, {
            name,
            control,
            candidate,
            candidateShare: Number(options['share']),
            requestTypes: typeof types === 'string' ? types.split(',').map((type) => type.trim()) : [],
            simulated,
            by: 'cli',
          });
          output.result({ name, state: 'running' }, [`${name} runs; \`ai-core experiment report ${name}\` shows how it goes`]);
        }),
      );
    command
      .command('report')
      .argument('<name>')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ args, output, connect }) => {
          const report = await reportExperiment((await connect()).database, args[0] ?? '');
          output.result(report, describe(report));
        }),
      );
    command
      .command('stop')
      .argument('<name>')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ args, output, connect }) => {
          const name = args[0] ?? '';
          await stopExperiment((await connect()).database, name, 'cli');
          output.result({ name, state: 'stopped' }, [`${name} has stopped`]);
        }),
      );
    return command;
  },
};
