import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { Moment, StateChip } from './cells.tsx';
import { Facts } from './facts.tsx';
import { formatCount, formatMs, formatPercent, formatUsd } from './formats.ts';
import { ModelsTable } from './models-table.tsx';
import { formatInterval, type EvaluationRow, type ModelFigures } from './training-run.ts';

const COLUMNS = ['Answered', 'Failed', 'Passes checks', 'p95 latency', 'Cost'];

function valuesOf(figures: ModelFigures): string[] {
  return [
    formatCount(figures.answered),
    formatCount(figures.failed),
    formatInterval(figures.checkRate),
    formatMs(Math.round(figures.p95LatencyMs)),
    formatUsd(figures.costNanoUsd),
  ];
}

/** What one evaluation has found, and what the gate says to it. */
export function EvaluationReport({ evaluation }: { readonly evaluation: EvaluationRow }): ReactNode {
  const { report, against, gate, state, error } = evaluation;
  const people = report?.people ?? null;
  return (
    <Box sx={{ display: 'grid', gap: 1.5 }}>
      <Facts
        facts={[
          { label: 'Gate', value: <StateChip state={gate ?? state} /> },
          { label: 'Compared with', value: `${against.provider}/${against.model}` },
          { label: 'Ended', value: <Moment at={evaluation.finishedAt} /> },
          ...(report === null
            ? []
            : [
                { label: `Preferred, of ${report.items} pairs`, value: formatInterval(report.preference) },
                {
                  label: 'People have chosen',
                  value: people === null ? 'in none yet' : `in ${people.choices}: ${formatInterval(people.preference)}`,
                },
                { label: 'Judge agrees with people', value: people === null ? '–' : formatPercent(people.agreement.estimate) },
              ]),
        ]}
      />
      {error !== null && <Typography color="error">{error}</Typography>}
      {report?.reasons.map((reason) => (
        <Typography key={reason} variant="body2" color="error">
          {reason}
        </Typography>
      ))}
      {report !== null && (
        <ModelsTable
          label="Figures of both models"
          columns={COLUMNS}
          rows={[
            { name: 'this one', values: valuesOf(report.candidate) },
            { name: 'the other', values: valuesOf(report.against) },
          ]}
        />
      )}
    </Box>
  );
}
