import { AiCoreError } from '@ai-core/core';
import { reportUsage, rollUp, USAGE_GROUPS, type UsageGroup, type UsageReport } from '@ai-core/store';
import { formatUsd } from '../format-usd.ts';
import { formatTable } from '../output.ts';
import type { Verb } from '../verb.ts';

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

function describe(report: UsageReport, by: UsageGroup, simulated: boolean): string[] {
  const { totals } = report;
  return [
    `last ${report.days} days (UTC)${simulated ? ', simulated' : ''}`,
    `requests      ${totals.requests} (${totals.failures} failed)`,
    `hit rate      ${percent(totals.hitRate)} (${totals.cacheHits} from memory, ${totals.inFlightHits} shared in flight)`,
    `cost          ${formatUsd(totals.costNanoUsd)}${totals.unpriced > 0 ? ` and ${totals.unpriced} rows without a price` : ''}`,
    `saved         ${formatUsd(totals.savedNanoUsd)}`,
    `avg latency   ${totals.averageLatencyMs} ms`,
    `training data ${report.trainingDataReady} examples ready`,
    '',
    ...formatTable(
      [by, 'requests', 'hits', 'cost', 'saved'],
      report.groups.map((row) => [
        row.key === '' ? '(none)' : row.key,
        String(row.requests),
        String(row.cacheHits),
        formatUsd(row.costNanoUsd),
        formatUsd(row.savedNanoUsd),
      ]),
    ),
  ];
}

export const usage: Verb = {
  declare: (program, run) =>
    program
      .command('usage')
      .description('requests, hit rate, cost, savings and latency, with the most expensive first')
      .option('--days <n>', 'how many days back, today included', '30')
      .option('--by <group>', `break down by ${USAGE_GROUPS.join(', ')}`, 'model')
      .option('--real', 'real money although this AI Core is simulated')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ options, output, connect }) => {
          const by = options['by'] as UsageGroup;
          if (!USAGE_GROUPS.includes(by))
            throw new AiCoreError('REQUEST_INVALID', `--by takes ${USAGE_GROUPS.join(', ')}, not "${String(by)}"`);
          const days = Number(options['days']);
          if (!Number.isInteger(days) || days < 1 || days > 3_660)
            throw new AiCoreError('REQUEST_INVALID', '--days takes a whole number from 1 to 3660');
          const { database, simulated } = await connect();
          const asSimulated = simulated && options['real'] !== true;
          await rollUp(database);
          const report = await reportUsage(database, { days, by, simulated: asSimulated });
          output.result({ simulated: asSimulated, ...toWire(report, by) }, describe(report, by, asSimulated));
        }),
      ),
};

function toWire(report: UsageReport, by: UsageGroup): object {
  const { totals } = report;
  const usd = (nano: bigint): string => formatUsd(nano).slice(1);
  return {
    days: report.days,
    by,
    totals: {
      requests: totals.requests,
      failures: totals.failures,
      cache_hits: totals.cacheHits,
      in_flight_hits: totals.inFlightHits,
      hit_rate: totals.hitRate,
      cost_usd: usd(totals.costNanoUsd),
      saved_usd: usd(totals.savedNanoUsd),
      unpriced: totals.unpriced,
      average_latency_ms: totals.averageLatencyMs,
    },
    training_data_ready: report.trainingDataReady,
    groups: report.groups.map((row) => ({
      key: row.key,
      requests: row.requests,
      cache_hits: row.cacheHits,
      cost_usd: usd(row.costNanoUsd),
      saved_usd: usd(row.savedNanoUsd),
    })),
  };
}
