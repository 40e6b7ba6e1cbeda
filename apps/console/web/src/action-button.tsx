import MuiButton from '@mui/material/Button';
import type { ReactNode } from 'react';

export interface ActionButtonProps {
  readonly label: string;
  readonly startIcon?: ReactNode;
  readonly color?: 'primary' | 'error';
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

/** A button that keeps its words on a phone; react-admin's own shows only its icon there, and nothing where it has none. */
export function ActionButton({ label, ...props }: ActionButtonProps): ReactNode {
  return (
    <MuiButton size="small" {...props}>
      {label}
    </MuiButton>
  );
}
