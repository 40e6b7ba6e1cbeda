import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import Skeleton from '@mui/material/Skeleton';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { callApi } from './call-api.ts';
import { Facts, Section } from './facts.tsx';
import { formatCount, formatExact, formatUsd } from './formats.ts';
import { pathOf, type ProviderRow } from './provider-row.ts';
import { isSimulated } from './simulated.ts';

interface PriceRow {
  readonly id: string;
  readonly effectiveFrom: string;
  readonly isInEffect: boolean;
  readonly input: string | null;
  readonly cachedInput: string | null;
  readonly output: string | null;
  readonly audioOutput: string | null;
  readonly characters: string | null;
  readonly batchBasisPoints: number;
  readonly longContextAbove: number | null;
  readonly source: string;
  readonly checkedOn: string | null;
}

interface Prices {
  readonly rows: readonly PriceRow[];
  readonly forecast: {
    readonly days: number;
    readonly callsPerDay: number;
    readonly todayNanoUsd: string | null;
    readonly tomorrowNanoUsd: string | null;
  };
}

const RATES = [
  ['input', '$/M in'],
  ['cachedInput', '$/M in, cached'],
  ['output', '$/M out'],
  ['audioOutput', '$/M out, sound'],
  ['characters', '$/M characters'],
] as const satisfies readonly (readonly [keyof PriceRow, string])[];
const FULL_BASIS_POINTS = 10_000;

/** What begins later has not begun: its colour says so. */
function stateOf(row: PriceRow): ReactNode {
  if (row.isInEffect) return <Chip size="small" variant="outlined" color="success" label="in effect" />;
  if (new Date(row.effectiveFrom) > new Date()) return <Chip size="small" variant="outlined" color="info" label="planned" />;
  return <Chip size="small" variant="outlined" label="followed" />;
}

function remarks({ batchBasisPoints, longContextAbove }: PriceRow): string {
  const batch = batchBasisPoints === FULL_BASIS_POINTS ? [] : [`batch ${batchBasisPoints / 100} %`];
  const long = longContextAbove === null ? [] : [`dearer above ${formatCount(longContextAbove)} tokens`];
  return [...batch, ...long].join(', ') || '–';
}

function Forecast({ forecast }: { readonly forecast: Prices['forecast'] }): ReactNode {
  if (forecast.days === 0) return null;
  return (
    <Box sx={{ mb: 2 }} data-forecast>
      <Facts
        facts={[
          { label: 'Calls a day', value: formatCount(forecast.callsPerDay) },
          { label: 'Such a day at today’s price', value: formatUsd(forecast.todayNanoUsd) },
          { label: 'Such a day tomorrow', value: formatUsd(forecast.tomorrowNanoUsd) },
        ]}
      />
      <Typography variant="caption" color="textSecondary">
        The average of the days of the last 30 on which it was called, without discounts for batches.
      </Typography>
    </Box>
  );
}

/** Every price there was, is and will be, newest first, and what they make of a day. */
export function PriceHistory({ row, action }: { readonly row: ProviderRow; readonly action: ReactNode }): ReactNode {
  const { data } = useQuery({
    queryKey: ['providers', 'prices', row.id, isSimulated()],
    queryFn: () => callApi<Prices>(`${pathOf(row)}/prices?simulated=${isSimulated()}`),
  });
  if (data === undefined) return <Skeleton variant="rounded" height={160} />;
  const rates = RATES.filter(([name]) => data.rows.some((price) => price[name] !== null));
  return (
    <Section title="Prices">
      <Forecast forecast={data.forecast} />
      <Box sx={{ overflowX: 'auto' }} tabIndex={0}>
        <Table size="small" aria-label="Prices">
          <TableHead>
            <TableRow>
              <TableCell>From</TableCell>
              <TableCell>State</TableCell>
              {rates.map(([name, label]) => (
                <TableCell key={name} align="right">
                  {label}
                </TableCell>
              ))}
              <TableCell>Also</TableCell>
              <TableCell>Source</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {data.rows.map((price) => (
              <TableRow key={price.id}>
                <TableCell sx={{ whiteSpace: 'nowrap' }}>{formatExact(price.effectiveFrom)}</TableCell>
                <TableCell>{stateOf(price)}</TableCell>
                {rates.map(([name]) => (
                  <TableCell key={name} align="right">
                    {formatUsd(price[name])}
                  </TableCell>
                ))}
                <TableCell>{remarks(price)}</TableCell>
                <TableCell sx={{ overflowWrap: 'anywhere', minWidth: 140 }}>
                  {price.source}
                  {price.checkedOn !== null && `, looked up ${price.checkedOn}`}
                </TableCell>
              </TableRow>
            ))}
            {data.rows.length === 0 && (
              <TableRow>
                <TableCell colSpan={rates.length + 4}>No price yet: its calls have no cost until one is added.</TableCell>
              </TableRow>
            )}
          </TableBody>
        </Table>
      </Box>
      <Box sx={{ mt: 1 }}>{action}</Box>
    </Section>
  );
}
