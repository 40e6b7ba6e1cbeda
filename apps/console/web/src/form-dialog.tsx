import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MenuItem from '@mui/material/MenuItem';
import MuiButton from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { useState, type ReactNode } from 'react';

export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  /** What may be chosen; absent: any text. */
  readonly choices?: readonly string[];
  readonly hint?: string;
  readonly type?: 'datetime-local' | 'number';
  readonly isRequired?: boolean;
}

export interface FormDialogProps {
  readonly title: string;
  readonly fields: readonly FormField[];
  readonly submitLabel: string;
  readonly onSubmit: (values: Readonly<Record<string, string>>) => void;
  readonly onClose: () => void;
}

/** A few fields to fill in. Nothing is sent before the button is pressed. */
export function FormDialog({ title, fields, submitLabel, onSubmit, onClose }: FormDialogProps): ReactNode {
  const [values, setValues] = useState<Readonly<Record<string, string>>>(
    Object.fromEntries(fields.map(({ name, value }) => [name, value])),
  );
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="form-title">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(values);
        }}
      >
        <DialogTitle id="form-title">{title}</DialogTitle>
        <DialogContent>
          {fields.map(({ name, label, choices, hint, type, isRequired = false }) => (
            <TextField
              key={name}
              fullWidth
              id={`field-${name}`}
              label={label}
              required={isRequired}
              type={type}
              helperText={hint}
              value={values[name] ?? ''}
              select={choices !== undefined}
              onChange={(event) => setValues({ ...values, [name]: event.target.value })}
              slotProps={{
                inputLabel: type === 'datetime-local' ? { shrink: true } : {},
                htmlInput: type === 'number' ? { step: 'any', min: 0 } : {},
              }}
            >
              {choices?.map((choice) => (
                <MenuItem key={choice} value={choice}>
                  {choice}
                </MenuItem>
              ))}
            </TextField>
          ))}
        </DialogContent>
        <DialogActions>
          <MuiButton onClick={onClose}>Close</MuiButton>
          <MuiButton type="submit" variant="contained">
            {submitLabel}
          </MuiButton>
        </DialogActions>
      </form>
    </Dialog>
  );
}
