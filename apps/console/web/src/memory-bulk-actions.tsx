import Block from '@mui/icons-material/BlockOutlined';
import Check from '@mui/icons-material/VerifiedOutlined';
import Compare from '@mui/icons-material/CompareOutlined';
import Delete from '@mui/icons-material/DeleteForeverOutlined';
import Update from '@mui/icons-material/UpdateOutlined';
import { useState, type ReactNode } from 'react';
import { Confirm, useListContext, usePermissions, useUnselectAll } from 'react-admin';
import { useNavigate } from 'react-router-dom';
import { ActionButton } from './action-button.tsx';
import { hasRole } from './auth-provider.ts';
import type { Role } from './call-api.ts';
import { useAction, type Action } from './use-action.tsx';

const ASKED = {
  reject: {
    title: 'Reject these answers?',
    content: 'They are never served or learned from again; the next request of each kind buys a new answer.',
  },
  forget: {
    title: 'Forget these answers?',
    content:
      'They go for good in all their versions, with MP3s and training examples. This cannot be taken back; what was paid stays in the accounts.',
  },
} as const;

/** What can be done with chosen answers. What cannot be taken back asks first; the rest offers to. */
export function MemoryBulkActions(): ReactNode {
  const { selectedIds } = useListContext();
  const { permissions } = usePermissions<Role>();
  const navigate = useNavigate();
  const action = useAction(useUnselectAll('memory'));
  const [asking, setAsking] = useState<keyof typeof ASKED | null>(null);
  const actionOf = (name: string, told: string, ids: readonly unknown[] = selectedIds): Action => ({
    path: `/api/memory/actions/${name}`,
    body: { ids, reason: null },
    told: ({ done }) => `${done} ${done === 1 ? 'answer' : 'answers'} ${told}`,
  });
  const run = {
    verify: () =>
      action.mutate({
        ...actionOf('verify', 'verified for training'),
        undo: ({ changed }) => actionOf('unverify', 'not verified any more', changed),
      }),
    stale: () =>
      action.mutate({ ...actionOf('stale', 'marked stale'), undo: ({ changed }) => actionOf('restore', 'served again', changed) }),
    reject: () => action.mutate({ ...actionOf('reject', 'rejected'), undo: ({ changed }) => actionOf('restore', 'served again', changed) }),
    forget: () => action.mutate(actionOf('forget', 'forgotten')),
  };
  const [left, right] = selectedIds;
  return (
    <>
      <ActionButton
        label="Compare"
        startIcon={<Compare />}
        disabled={selectedIds.length !== 2}
        onClick={() => void navigate(`/memory-compare?left=${String(left)}&right=${String(right)}`)}
      />
      <ActionButton label="Mark as verified (training)" startIcon={<Check />} disabled={action.isPending} onClick={run.verify} />
      <ActionButton label="Mark stale" startIcon={<Update />} disabled={action.isPending} onClick={run.stale} />
      <ActionButton label="Reject" color="error" startIcon={<Block />} disabled={action.isPending} onClick={() => setAsking('reject')} />
      {hasRole(permissions, 'operator') && (
        <ActionButton label="Forget" color="error" startIcon={<Delete />} disabled={action.isPending} onClick={() => setAsking('forget')} />
      )}
      {asking !== null && (
        <Confirm
          isOpen
          {...ASKED[asking]}
          onConfirm={() => {
            setAsking(null);
            run[asking]();
          }}
          onClose={() => setAsking(null)}
        />
      )}
    </>
  );
}
