import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import Chip from '@mui/material/Chip';
import LinearProgress from '@mui/material/LinearProgress';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { callApi } from './call-api.ts';
import { formatCount, formatMs, formatName, formatUsd } from './formats.ts';
import type { TopRow } from './pages/dashboard.tsx';

export interface Budget {
  readonly id: string;
  readonly scope: string;
  readonly subject: string;
  readonly period: 'day' | 'month';
  readonly limitNanoUsd: string;
  readonly spentNanoUsd: string;
  readonly heldNanoUsd: string;
}

interface Health {
  readonly postgres: { readonly state: string };
  readonly queue: { readonly state: string; readonly backend: string };
  readonly depths: readonly { readonly queue: string; readonly waiting: number; readonly delayed: number }[] | null;
  readonly workers: readonly { readonly id: string }[] | null;
  readonly rolledUpMsAgo: number | null;
  readonly providers: readonly { readonly provider: string; readonly circuit: string }[];
}

const HEALTH_MS = 5_000;
const FULL_PERCENT = 100;

function signs(health: Health): [label: string, isGood: boolean][] {
  const waiting = health.depths?.reduce((sum, depth) => sum + depth.waiting, 0);
  const workers = health.workers?.length ?? 0;
  return [
    [`Postgres ${health.postgres.state}`, health.postgres.state === 'ok'],
    [`Queue ${health.queue.state} (${health.queue.backend})`, health.queue.state === 'ok'],
    [workers === 0 ? 'No worker: nothing is worked on' : `${workers} ${workers === 1 ? 'worker' : 'workers'}`, workers > 0],
    [waiting === undefined ? 'Waiting: unknown' : `${formatCount(waiting)} waiting`, waiting !== undefined],
    [health.rolledUpMsAgo === null ? 'Not rolled up yet' : `Figures ${formatMs(health.rolledUpMsAgo)} old`, health.rolledUpMsAgo !== null],
    ...health.providers.map(({ provider, circuit }): [string, boolean] => [
      circuit === 'closed' ? provider : `${provider}: circuit ${formatName(circuit)}`,
      circuit === 'closed',
    ]),
  ];
}

/** How everything is just now. */
export function HealthStrip(): ReactNode {
  const { data } = useQuery({ queryKey: ['health'], queryFn: () => callApi<Health>('/api/health'), refetchInterval: HEALTH_MS });
  return (
    <Box
      component="ul"
      aria-label="Health"
      sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, m: 0, p: 0, listStyle: 'none', minHeight: 24 }}
    >
      {data !== undefined &&
        signs(data).map(([label, isGood]) => (
          <li key={label}>
            <Chip size="small" variant="outlined" color={isGood ? 'success' : 'error'} label={label} />
          </li>
        ))}
    </Box>
  );
}

/** What each budget has seen of its present period. */
export function BudgetBars({ budgets }: { readonly budgets: readonly Budget[] }): ReactNode {
  if (budgets.length === 0) return null;
  return (
    <Card component="section" sx={{ p: 2, display: 'grid', gap: 1.5 }}>
      <Typography variant="h6" component="h2">
        Budgets
      </Typography>
      {budgets.map((budget) => {
        const limit = Number(budget.limitNanoUsd);
        const used = Number(budget.spentNanoUsd) + Number(budget.heldNanoUsd);
        const percent = limit === 0 ? FULL_PERCENT : Math.min(FULL_PERCENT, (used / limit) * FULL_PERCENT);
        const name = `${formatName(budget.scope)} ${budget.subject}`.trim();
        return (
          <Box key={budget.id}>
            <Typography variant="body2">
              {name}: {formatUsd(budget.spentNanoUsd)} of {formatUsd(budget.limitNanoUsd)} this {budget.period}
            </Typography>
            <LinearProgress
              variant="determinate"
              value={percent}
              aria-label={name}
              color={percent < 80 ? 'primary' : 'error'}
              sx={{ borderRadius: 4, height: 6 }}
            />
          </Box>
        );
      })}
    </Card>
  );
}

/** Where the money goes. */
export function TopTable({ title, rows }: { readonly title: string; readonly rows: readonly TopRow[] }): ReactNode {
  return (
    <Card component="section" sx={{ overflowX: 'auto' }}>
      <Typography variant="h6" component="h2" sx={{ p: 2, pb: 1 }}>
        {title}
      </Typography>
      <Table size="small" aria-label={title}>
        <TableHead>
          <TableRow>
            <TableCell>Name</TableCell>
            <TableCell align="right">Requests</TableCell>
            <TableCell align="right">Cost</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={row.key}>
              <TableCell sx={{ overflowWrap: 'anywhere' }}>{row.key === '' || row.key === '/' ? '(none)' : row.key}</TableCell>
              <TableCell align="right">{formatCount(row.requests)}</TableCell>
              <TableCell align="right">{formatUsd(row.costNanoUsd)}</TableCell>
            </TableRow>
          ))}
          {rows.length === 0 && (
            <TableRow>
              <TableCell colSpan={3}>Nothing in this period.</TableCell>
            </TableRow>
          )}
        </TableBody>
      </Table>
    </Card>
  );
}
