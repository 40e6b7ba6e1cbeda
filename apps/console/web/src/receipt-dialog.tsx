import Alert from '@mui/material/Alert';
import MuiButton from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Skeleton from '@mui/material/Skeleton';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-admin';
import { callApi } from './call-api.ts';
import { ReceiptView, type Receipt } from './receipt.tsx';

/** The receipt of one request or job. */
export function ReceiptDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactNode {
  const { data, error } = useQuery({ queryKey: ['receipt', id], queryFn: () => callApi<Receipt>(`/api/receipts/${id}`) });
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="receipt-title">
      <DialogTitle id="receipt-title">Receipt</DialogTitle>
      <DialogContent>
        {error !== null && <Alert severity="error">{error.message}</Alert>}
        {data === undefined && error === null && <Skeleton variant="rounded" height={160} />}
        {data !== undefined && <ReceiptView receipt={data} />}
      </DialogContent>
      <DialogActions>
        {data?.jobId != null && (
          <MuiButton component={Link} to={`/jobs/${data.jobId}/show`}>
            The job
          </MuiButton>
        )}
        <MuiButton onClick={onClose}>Close</MuiButton>
      </DialogActions>
    </Dialog>
  );
}
