import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MuiButton from '@mui/material/Button';
import { useState, type ReactNode } from 'react';
import { ActionButton } from './action-button.tsx';
import { LabelFields, type Labels } from './label-fields.tsx';
import { useAction } from './use-action.tsx';

/** Edits weight, difficulty, subjects and tags of one example. */
export function EditLabels({ id, labels }: { readonly id: string; readonly labels: Labels }): ReactNode {
  const [edited, setEdited] = useState<Labels | null>(null);
  const action = useAction(() => setEdited(null));
  return (
    <>
      <ActionButton label="Edit" onClick={() => setEdited(labels)} />
      {edited !== null && (
        <Dialog open onClose={() => setEdited(null)} fullWidth maxWidth="xs" aria-labelledby="labels-title">
          <form
            onSubmit={(event) => {
              event.preventDefault();
              action.mutate({ path: `/api/training-data/${id}`, method: 'PATCH', body: edited, told: () => 'Labels saved' });
            }}
          >
            <DialogTitle id="labels-title">Labels of this example</DialogTitle>
            <DialogContent>
              <LabelFields labels={edited} onChange={(changed) => setEdited({ ...edited, ...changed })} />
            </DialogContent>
            <DialogActions>
              <MuiButton onClick={() => setEdited(null)}>Close</MuiButton>
              <MuiButton type="submit" variant="contained" disabled={action.isPending}>
                Save
              </MuiButton>
            </DialogActions>
          </form>
        </Dialog>
      )}
    </>
  );
}
