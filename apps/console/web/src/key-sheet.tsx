import Box from '@mui/material/Box';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MuiButton from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { Fragment, type ReactNode } from 'react';

/** A key as it stands on a keyboard. */
export function Key({ name }: { readonly name: string }): ReactNode {
  return (
    <Box
      component="kbd"
      sx={{
        font: 'inherit',
        // Buttons make what stands behind their words as large as an icon.
        '&&&': { fontSize: '0.7rem', lineHeight: 1.3 },
        fontWeight: 600,
        px: 0.6,
        py: 0.2,
        minWidth: 20,
        textAlign: 'center',
        display: 'inline-block',
        border: 1,
        borderColor: 'divider',
        borderRadius: 1,
        bgcolor: 'background.default',
        color: 'text.primary',
      }}
    >
      {name}
    </Box>
  );
}

export interface KeySheetProps {
  /** Key or keys, and what they do. */
  readonly keys: readonly (readonly [string, string])[];
  readonly onClose: () => void;
}

/** All keys of a page. */
export function KeySheet({ keys, onClose }: KeySheetProps): ReactNode {
  return (
    <Dialog open onClose={onClose} aria-labelledby="key-sheet-title">
      <DialogTitle id="key-sheet-title">Keys of this page</DialogTitle>
      <DialogContent>
        <Box sx={{ display: 'grid', gridTemplateColumns: 'auto 1fr', columnGap: 2, rowGap: 1.25, alignItems: 'center' }}>
          {keys.map(([key, meaning]) => (
            <Fragment key={key}>
              <Box sx={{ display: 'flex', gap: 0.5 }}>
                {key.split(' ').map((name) => (
                  <Key key={name} name={name} />
                ))}
              </Box>
              <Typography variant="body2">{meaning}</Typography>
            </Fragment>
          ))}
        </Box>
      </DialogContent>
      <DialogActions>
        <MuiButton onClick={onClose}>Close</MuiButton>
      </DialogActions>
    </Dialog>
  );
}
