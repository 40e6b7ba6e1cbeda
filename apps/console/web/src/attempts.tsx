import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { Moment, StateChip } from './cells.tsx';
import { formatUsd } from './formats.ts';

export interface Attempt {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly state: string;
  readonly costNanoUsd: string | null;
  readonly errorCode: string | null;
  readonly startedAt: string;
}

/** The calls behind an answer or a job, each with what it cost. */
export function Attempts({ attempts }: { readonly attempts: readonly Attempt[] | null }): ReactNode {
  if (attempts === null || attempts.length === 0) {
    return <Typography color="textSecondary">No calls are known: jobs are kept for 7 days after they end, failed ones for 30.</Typography>;
  }
  return (
    <TableContainer>
      <Table size="small" aria-label="Calls">
        <TableHead>
          <TableRow>
            {['Started', 'Model', 'State', 'Error'].map((name) => (
              <TableCell key={name}>{name}</TableCell>
            ))}
            <TableCell align="right">Cost</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {attempts.map((attempt) => (
            <TableRow key={attempt.id}>
              <TableCell>
                <Moment at={attempt.startedAt} />
              </TableCell>
              <TableCell>{`${attempt.provider}/${attempt.model}`}</TableCell>
              <TableCell>
                <StateChip state={attempt.state} />
              </TableCell>
              <TableCell>{attempt.errorCode ?? '–'}</TableCell>
              <TableCell align="right">{formatUsd(attempt.costNanoUsd)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
