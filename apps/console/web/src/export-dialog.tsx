import Download from '@mui/icons-material/DownloadOutlined';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import LinearProgress from '@mui/material/LinearProgress';
import MenuItem from '@mui/material/MenuItem';
import MuiButton from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ActionButton } from './action-button.tsx';
import { callApi } from './call-api.ts';
import { Facts } from './facts.tsx';
import { formatCount, formatName } from './formats.ts';
import { isSimulated } from './simulated.ts';

const FORMATS = ['openai-chat', 'prompt-completion', 'gemini', 'sharegpt', 'alpaca', 'dpo'];

interface Exported {
  readonly manifest: {
    readonly examples: { readonly read: number; readonly train: number; readonly validation: number };
    readonly left_out: Readonly<Record<string, number>>;
    readonly leaked: number;
  };
  readonly stored: { readonly train: string; readonly validation: string; readonly manifest: string };
}

const linkOf = (key: string): string => `/api/training-files/${key.replace(/^training\//, '')}`;

function Result({ exported: { manifest, stored } }: { readonly exported: Exported }): ReactNode {
  const leftOut = Object.entries(manifest.left_out).filter(([, count]) => count > 0);
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      <Facts
        facts={[
          { label: 'For training', value: formatCount(manifest.examples.train) },
          { label: 'For validation', value: formatCount(manifest.examples.validation) },
          { label: 'On both sides', value: formatCount(manifest.leaked) },
        ]}
      />
      {leftOut.length > 0 && (
        <Alert severity="warning">{`Left out: ${leftOut.map(([why, count]) => `${count} ${formatName(why)}`).join(', ')}`}</Alert>
      )}
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
        {(['train', 'validation', 'manifest'] as const).map((part) => (
          <MuiButton key={part} size="small" variant="outlined" startIcon={<Download />} href={linkOf(stored[part])}>
            {formatName(part)}
          </MuiButton>
        ))}
      </Box>
    </Box>
  );
}

/** Writes the training data into files and offers them. */
export function ExportButton(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const [format, setFormat] = useState('openai-chat');
  const [minRating, setMinRating] = useState('4');
  const [which, setWhich] = useState('verified');
  const exporting = useMutation({
    mutationFn: () =>
      callApi<Exported>('/api/training-exports', {
        method: 'POST',
        body: { format, minRating: Number(minRating), verifiedOnly: which === 'verified', simulated: isSimulated() },
      }),
  });
  const close = (): void => {
    setOpen(false);
    exporting.reset();
  };
  return (
    <>
      <ActionButton label="Export" startIcon={<Download />} onClick={() => setOpen(true)} />
      <Dialog open={isOpen} onClose={close} fullWidth maxWidth="xs" aria-labelledby="export-title">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            exporting.mutate();
          }}
        >
          <DialogTitle id="export-title">Export training data</DialogTitle>
          <DialogContent>
            {exporting.data === undefined ? (
              <>
                <TextField
                  select
                  fullWidth
                  id="export-format"
                  label="Format"
                  value={format}
                  onChange={(event) => setFormat(event.target.value)}
                >
                  {FORMATS.map((name) => (
                    <MenuItem key={name} value={name}>
                      {name}
                    </MenuItem>
                  ))}
                </TextField>
                <TextField
                  select
                  fullWidth
                  id="export-which"
                  label="Answers"
                  value={which}
                  onChange={(event) => setWhich(event.target.value)}
                >
                  <MenuItem value="verified">verified by people</MenuItem>
                  <MenuItem value="all">also reused often and rated high</MenuItem>
                </TextField>
                <TextField
                  fullWidth
                  id="export-rating"
                  label="Least rating, where users have rated"
                  type="number"
                  value={minRating}
                  onChange={(event) => setMinRating(event.target.value)}
                  slotProps={{ htmlInput: { min: 0, max: 5, step: 0.5 } }}
                />
                {exporting.isPending && <LinearProgress aria-label="The files are being written" sx={{ mt: 1 }} />}
                {exporting.error !== null && <Alert severity="error">{exporting.error.message}</Alert>}
              </>
            ) : (
              <Result exported={exporting.data} />
            )}
          </DialogContent>
          <DialogActions>
            <MuiButton onClick={close}>Close</MuiButton>
            {exporting.data === undefined && (
              <MuiButton type="submit" variant="contained" disabled={exporting.isPending}>
                Export
              </MuiButton>
            )}
          </DialogActions>
        </form>
      </Dialog>
    </>
  );
}
