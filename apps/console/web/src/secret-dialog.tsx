import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MuiButton from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import type { ReactNode } from 'react';

export interface SecretDialogProps {
  readonly title: string;
  readonly secret: string;
  readonly onClose: () => void;
}

/** Something that is shown once and kept nowhere. */
export function SecretDialog({ title, secret, onClose }: SecretDialogProps): ReactNode {
  return (
    <Dialog open fullWidth maxWidth="sm" aria-labelledby="secret-title">
      <DialogTitle id="secret-title">{title}</DialogTitle>
      <DialogContent>
        <TextField
          fullWidth
          id="secret"
          label="Shown once"
          helperText="It is kept nowhere: copy it now."
          value={secret}
          slotProps={{ htmlInput: { readOnly: true, onFocus: (event: { target: HTMLInputElement }) => event.target.select() } }}
        />
      </DialogContent>
      <DialogActions>
        <MuiButton onClick={() => void navigator.clipboard?.writeText(secret)}>Copy</MuiButton>
        <MuiButton variant="contained" onClick={onClose}>
          I have it
        </MuiButton>
      </DialogActions>
    </Dialog>
  );
}
