import Alert from '@mui/material/Alert';
import MuiButton from '@mui/material/Button';
import type { ReactNode } from 'react';
import { useCloseNotification } from 'react-admin';

export interface UndoNoteProps {
  readonly severity: 'success' | 'warning';
  readonly text: string;
  readonly onUndo: () => void;
}

/** Says what was done and offers to take it back. It closes at once then: what comes next is shown only after it. */
export function UndoNote({ severity, text, onUndo }: UndoNoteProps): ReactNode {
  const close = useCloseNotification();
  return (
    <Alert
      severity={severity}
      variant="filled"
      action={
        <MuiButton
          size="small"
          color="inherit"
          onClick={() => {
            close();
            onUndo();
          }}
        >
          Undo
        </MuiButton>
      }
    >
      {text}
    </Alert>
  );
}
