import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { Moment } from './cells.tsx';
import { formatCount, formatName, formatUsd } from './formats.ts';

interface ReceiptLine {
  readonly unit: string;
  readonly quantity: number | null;
  readonly rateNanoUsd: string | null;
  readonly nanoUsd: string;
}

export interface Receipt {
  readonly jobId: string | null;
  readonly paidNanoUsd: string;
  readonly rows: readonly {
    readonly id: string;
    readonly kind: string;
    readonly at: string;
    readonly source: string;
    readonly costNanoUsd: string | null;
    readonly savedNanoUsd: string;
    /** They add up to what was saved. */
    readonly savings: readonly { readonly reason: string; readonly nanoUsd: string }[];
  }[];
  readonly calls: readonly {
    readonly id: string;
    readonly provider: string;
    readonly model: string;
    readonly priceFrom: string | null;
    readonly costNanoUsd: string | null;
    readonly lines: readonly ReceiptLine[];
  }[];
}

interface LinesProps {
  readonly label: string;
  readonly head: readonly string[];
  /** One for each column, the first its key. */
  readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[];
}

function Lines({ label, head, rows }: LinesProps): ReactNode {
  return (
    <TableContainer tabIndex={0} aria-label={label}>
      <Table size="small" aria-label={label}>
        <TableHead>
          <TableRow>
            {head.map((name, index) => (
              <TableCell key={name} align={index === 0 ? 'left' : 'right'}>
                {name}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map(({ key, cells }) => (
            <TableRow key={key}>
              {cells.map((cell, index) => (
                <TableCell key={head[index]} align={index === 0 ? 'left' : 'right'} sx={{ whiteSpace: 'nowrap' }}>
                  {cell}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

/** What was paid, line by line, and what was saved. */
export function ReceiptView({ receipt }: { readonly receipt: Receipt | null }): ReactNode {
  if (receipt === null)
    return <Typography color="textSecondary">The accounts hold nothing of it: there is a receipt once a job has ended.</Typography>;
  return (
    <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      {receipt.calls.map((call) => (
        <Box key={call.id}>
          <Typography variant="body2">
            {call.provider}/{call.model}: {formatUsd(call.costNanoUsd)}
            {call.priceFrom === null ? ', no price row' : `, price from ${call.priceFrom.slice(0, 10)}`}
          </Typography>
          <Lines
            label={`Bill of ${call.provider}/${call.model}`}
            head={['Unit', 'Quantity', 'A million', 'Cost']}
            rows={call.lines.map(({ unit, quantity, rateNanoUsd, nanoUsd }) => ({
              key: unit,
              cells: [formatName(unit), quantity === null ? '–' : formatCount(quantity), formatUsd(rateNanoUsd), formatUsd(nanoUsd)],
            }))}
          />
        </Box>
      ))}
      <Lines
        label="Rows of the usage log"
        head={['Row', 'Source', 'At', 'Paid', 'Saved', 'Thanks to']}
        rows={receipt.rows.map((row) => ({
          key: row.id,
          cells: [
            row.kind,
            formatName(row.source),
            <Moment key="at" at={row.at} />,
            formatUsd(row.costNanoUsd),
            formatUsd(row.savedNanoUsd),
            row.savings.map(({ reason, nanoUsd }) => `${formatName(reason)} ${formatUsd(nanoUsd)}`).join(', ') || '–',
          ],
        }))}
      />
      <Typography>Paid in all: {formatUsd(receipt.paidNanoUsd)}</Typography>
    </Box>
  );
}
