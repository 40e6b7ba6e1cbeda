import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import Chip from '@mui/material/Chip';
import LinearProgress from '@mui/material/LinearProgress';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { callApi } from './call-api.ts';
import { formatAge, formatCount, formatName, formatUsd } from './formats.ts';
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
  /** By queue, from the ledger. */
  readonly waiting: readonly { readonly queue: string; readonly waiting: number; readonly oldestMs: number }[] | null;
  readonly workers: readonly { readonly id: string }[] | null;
  readonly rolledUpMsAgo: number | null;
  readonly providers: readonly { readonly provider: string; readonly circuit: string }[];
}

/** The server tells of itself; this is for when it cannot. */
const HEALTH_MS = 20_000;
/** A job that has waited for longer should be looked at. */
const LONG_WAIT_MS = 300_000;
const FULL_PERCENT = 100;

interface Sign {
  readonly label: string;
  readonly isGood: boolean;
  /** More, when pointed at. */
  readonly detail?: string;
}

function waitingSigns({ waiting, depths }: Health): Sign[] {
  if (waiting === null) return [{ label: 'Waiting: unknown', isGood: false }];
  const delayed = new Map(depths?.map((depth) => [depth.queue, depth.delayed]));
  if (waiting.length === 0) return [{ label: '0 waiting', isGood: true }];
  return waiting.map(({ queue, waiting: count, oldestMs }) => ({
    label: `${queue}: ${formatCount(count)} waiting, oldest ${formatAge(oldestMs)}`,
    isGood: oldestMs < LONG_WAIT_MS,
    detail: `${formatCount(delayed.get(queue) ?? 0)} of them are put off until later`,
  }));
}

function signs(health: Health): Sign[] {
  const workers = health.workers?.length ?? 0;
  const lag = health.rolledUpMsAgo;
  return [
    { label: `Postgres ${health.postgres.state}`, isGood: health.postgres.state === 'ok' },
    { label: `Queue ${health.queue.state} (${health.queue.backend})`, isGood: health.queue.state === 'ok' },
    {
      label: workers === 0 ? 'No worker: nothing is worked on' : `${workers} ${workers === 1 ? 'worker' : 'workers'}`,
      isGood: workers > 0,
    },
    ...waitingSigns(health),
    { label: lag === null ? 'Not rolled up yet' : `Figures ${formatAge(lag)} old`, isGood: lag !== null && lag < LONG_WAIT_MS },
    ...health.providers.map(({ provider, circuit }) => ({
      label: circuit === 'closed' ? provider : `${provider}: circuit ${formatName(circuit)}`,
      isGood: circuit === 'closed',
      detail: circuit === 'closed' ? 'Circuit closed: it is called' : 'It failed too often and is only tried now and then',
    })),
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
        signs(data).map(({ label, isGood, detail = '' }) => (
          <li key={label}>
            <Tooltip title={detail}>
              <Chip size="small" variant="outlined" color={isGood ? 'success' : 'error'} label={label} />
            </Tooltip>
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
