import Card from '@mui/material/Card';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { callApi } from './call-api.ts';
import { formatCount, formatName, formatPercent, formatUsd } from './formats.ts';

interface Saved {
  readonly source: string;
  /** null = not counted. */
  readonly requests: number | null;
  readonly savedNanoUsd: string;
}

const REFRESH_MS = 60_000;

/** Every amount is in one row only, so that the rows add up. */
function shareOf(part: string, total: bigint): string {
  return total <= 0n ? '–' : formatPercent(Number(part) / Number(total));
}

/** What was not paid, and thanks to what. */
export function SavingsTable({ days, simulated }: { readonly days: number; readonly simulated: boolean }): ReactNode {
  const { data } = useQuery({
    queryKey: ['savings', days, simulated],
    queryFn: () => callApi<{ readonly rows: readonly Saved[] }>(`/api/savings?days=${days}&simulated=${simulated}`),
    refetchInterval: REFRESH_MS,
  });
  const rows = data?.rows ?? [];
  const total = rows.reduce((sum, { savedNanoUsd }) => sum + BigInt(savedNanoUsd), 0n);
  return (
    <Card component="section" data-savings sx={{ overflowX: 'auto' }}>
      <Typography variant="h6" component="h2" sx={{ p: 2, pb: 1 }}>
        Savings by source
      </Typography>
      <Table size="small" aria-label="Savings by source">
        <TableHead>
          <TableRow>
            <TableCell>Source</TableCell>
            <TableCell align="right">Requests</TableCell>
            <TableCell align="right">Share</TableCell>
            <TableCell align="right">Saved</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={row.source}>
              <TableCell>{formatName(row.source)}</TableCell>
              <TableCell align="right">{row.requests === null ? '–' : formatCount(row.requests)}</TableCell>
              <TableCell align="right">{shareOf(row.savedNanoUsd, total)}</TableCell>
              <TableCell align="right">{formatUsd(row.savedNanoUsd)}</TableCell>
            </TableRow>
          ))}
          {rows.length > 1 && (
            <TableRow sx={{ '& td': { fontWeight: 620, borderBottom: 0 } }}>
              <TableCell>In all</TableCell>
              <TableCell />
              <TableCell align="right">100%</TableCell>
              <TableCell align="right">{formatUsd(String(total))}</TableCell>
            </TableRow>
          )}
          {data?.rows.length === 0 && (
            <TableRow>
              <TableCell colSpan={4}>Nothing was saved in this period: requests that repeat are answered from memory.</TableCell>
            </TableRow>
          )}
        </TableBody>
      </Table>
    </Card>
  );
}
