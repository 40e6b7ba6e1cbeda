/** What the cells of several lists show alike. */
import Chip, { type ChipProps } from '@mui/material/Chip';
import Box from '@mui/material/Box';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import type { MouseEvent, ReactNode } from 'react';
import { Link } from 'react-admin';
import { formatExact, formatName, formatRelative } from './formats.ts';

type Color = ChipProps['color'];
const COLORS: Readonly<Record<string, Color>> = {
  verified: 'success',
  done: 'success',
  active: 'success',
  closed: 'success',
  passed: 'success',
  completed: 'success',
  deployed: 'success',
  promoted: 'success',
  rejected: 'error',
  failed: 'error',
  retired: 'error',
  refused: 'error',
  rolled_back: 'error',
  revoked: 'error',
  open: 'error',
  stale: 'warning',
  deprecated: 'warning',
  parked: 'warning',
  half_open: 'warning',
  running: 'info',
  queued: 'info',
  training: 'info',
  pending: 'info',
};

/** A state, coloured by whether somebody should look at it. */
export function StateChip({ state }: { readonly state: string }): ReactNode {
  return <Chip size="small" variant="outlined" color={COLORS[state] ?? 'default'} label={formatName(state)} />;
}

export interface MomentProps {
  readonly at: string | null;
  /** For lists in which nothing else can be reached by keyboard, so that they can be scrolled without a mouse. */
  readonly isFocusable?: boolean;
}

/** Relative, with the exact moment when pointed at. */
export function Moment({ at, isFocusable = false }: MomentProps): ReactNode {
  if (at === null) return <span>–</span>;
  return (
    <Tooltip title={formatExact(at)}>
      <time dateTime={at} tabIndex={isFocusable ? 0 : undefined}>
        {formatRelative(at)}
      </time>
    </Tooltip>
  );
}

/** One line of a text of any length, as text. */
export function OneLine({ text, width = 340 }: { readonly text: string; readonly width?: number }): ReactNode {
  return (
    <Box
      component="span"
      title={text}
      sx={{ display: 'inline-block', maxWidth: width, overflow: 'hidden', textOverflow: 'ellipsis', verticalAlign: 'bottom' }}
    >
      {text}
    </Box>
  );
}

/** Opens a row by keyboard too; a click on the row alone needs a mouse. */
export function RowLink({ to, children }: { readonly to: string; readonly children: ReactNode }): ReactNode {
  return (
    <Link to={to} color="inherit" underline="hover" onClick={(event: MouseEvent) => event.stopPropagation()}>
      {children}
    </Link>
  );
}

export interface EmptyListProps {
  readonly title: string;
  readonly hint: string;
  /** What makes the first row, for whoever may. */
  readonly action?: ReactNode;
}

/** A list without rows: why, and what to do. */
export function EmptyList({ title, hint, action }: EmptyListProps): ReactNode {
  return (
    <Box data-empty sx={{ textAlign: 'center', py: 8, px: 2, flex: 1, display: 'grid', gap: 1, justifyItems: 'center' }}>
      <Typography variant="h6" component="p">
        {title}
      </Typography>
      <Typography color="textSecondary">{hint}</Typography>
      {action}
    </Box>
  );
}
