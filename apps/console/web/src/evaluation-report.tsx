import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { Moment, StateChip } from './cells.tsx';
import { Facts } from './facts.tsx';
import { formatCount, formatMs, formatPercent, formatUsd } from './formats.ts';
import { formatInterval, type EvaluationRow, type ModelFigures } from './training-run.ts';

function FiguresRow({ name, figures }: { readonly name: string; readonly figures: ModelFigures }): ReactNode {
  return (
    <TableRow>
      <TableCell component="th" scope="row">
        {name}
      </TableCell>
      <TableCell align="right">{formatCount(figures.answered)}</TableCell>
      <TableCell align="right">{formatCount(figures.failed)}</TableCell>
      <TableCell align="right">{formatInterval(figures.checkRate)}</TableCell>
      <TableCell align="right">{formatMs(Math.round(figures.p95LatencyMs))}</TableCell>
      <TableCell align="right">{formatUsd(figures.costNanoUsd)}</TableCell>
    </TableRow>
  );
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
        <TableContainer tabIndex={0}>
          <Table size="small" aria-label="Figures of both models">
            <TableHead>
              <TableRow>
                <TableCell>Model</TableCell>
                {['Answered', 'Failed', 'Passes checks', 'p95 latency', 'Cost'].map((name) => (
                  <TableCell key={name} align="right">
                    {name}
                  </TableCell>
                ))}
              </TableRow>
            </TableHead>
            <TableBody>
              <FiguresRow name="this one" figures={report.candidate} />
              <FiguresRow name="the other" figures={report.against} />
            </TableBody>
          </Table>
        </TableContainer>
      )}
    </Box>
  );
}
