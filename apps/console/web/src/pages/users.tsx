import Add from '@mui/icons-material/AddOutlined';
import { useState, type ReactNode } from 'react';
import { Confirm, DataTable, type RaRecord } from 'react-admin';
import { ROLES } from '../call-api.ts';
import { ActionButton } from '../action-button.tsx';
import { Moment, StateChip } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { FormDialog } from '../form-dialog.tsx';
import { SecretDialog } from '../secret-dialog.tsx';
import { useAction } from '../use-action.tsx';

interface UserRow extends RaRecord {
  readonly name: string;
  readonly role: string;
  readonly isDisabled: boolean;
  readonly mustChangePassword: boolean;
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
}

const Column = DataTable.Col<UserRow>;
const passwordIn = (answer: unknown): string => String((answer as { password: string }).password);

function AddUser(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const action = useAction(() => setOpen(false));
  return (
    <>
      <ActionButton label="Add a user" startIcon={<Add />} onClick={() => setOpen(true)} />
      {isOpen && (
        <FormDialog
          title="Add a user"
          fields={[
            { name: 'name', label: 'Name', value: '' },
            { name: 'role', label: 'Role', value: 'viewer', choices: ROLES, hint: 'Each role may do what the ones before it may' },
          ]}
          submitLabel="Add"
          onClose={() => setOpen(false)}
          onSubmit={(body) =>
            action.mutate({ path: '/api/users', body, told: () => 'User added' }, { onSuccess: (answer) => setSecret(passwordIn(answer)) })
          }
        />
      )}
      {secret !== null && <SecretDialog title="One-time password" secret={secret} onClose={() => setSecret(null)} />}
    </>
  );
}

type Open = 'role' | 'disable' | 'password' | null;

function Change({ row }: { readonly row: UserRow }): ReactNode {
  const [open, setOpen] = useState<Open>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const action = useAction(() => setOpen(null));
  const path = `/api/users/${String(row.id)}`;
  const edit = (body: object): void => action.mutate({ path, method: 'PATCH', body, told: () => `${row.name} is changed` });
  return (
    <>
      <ActionButton label="Role" onClick={() => setOpen('role')} />
      <ActionButton label="New password" onClick={() => setOpen('password')} />
      {row.isDisabled ? (
        <ActionButton label="Enable" onClick={() => edit({ isDisabled: false })} />
      ) : (
        <ActionButton label="Disable" color="error" onClick={() => setOpen('disable')} />
      )}
      {open === 'role' && (
        <FormDialog
          title={`Role of ${row.name}`}
          fields={[{ name: 'role', label: 'Role', value: row.role, choices: ROLES }]}
          submitLabel="Save"
          onClose={() => setOpen(null)}
          onSubmit={edit}
        />
      )}
      <Confirm
        isOpen={open === 'disable'}
        title={`Disable ${row.name}?`}
        content="Every session of this user ends at once."
        onConfirm={() => edit({ isDisabled: true })}
        onClose={() => setOpen(null)}
      />
      <Confirm
        isOpen={open === 'password'}
        title={`New password for ${row.name}?`}
        content="The old one is worth nothing any more and every session ends. The new one is shown once."
        onConfirm={() =>
          action.mutate(
            { path: `${path}/password`, told: () => 'Password reset' },
            { onSuccess: (answer) => setSecret(passwordIn(answer)) },
          )
        }
        onClose={() => setOpen(null)}
      />
      {secret !== null && <SecretDialog title="One-time password" secret={secret} onClose={() => setSecret(null)} />}
    </>
  );
}

/** Who may log in here, and as what. */
export function UserList(): ReactNode {
  return (
    <ConsoleList title="Users" emptyHint="Add the people who run AI Core." actions={<AddUser />}>
      <DataTable size="small" bulkActionButtons={false} rowClick={false}>
        <Column label="Name" disableSort render={(row) => row.name} />
        <Column label="Role" disableSort render={(row) => row.role} />
        <Column
          label="State"
          disableSort
          render={(row) => <StateChip state={row.isDisabled ? 'disabled' : row.mustChangePassword ? 'new password' : 'active'} />}
        />
        <Column label="Since" disableSort render={(row) => <Moment at={row.createdAt} />} />
        <Column label="Last seen" disableSort render={(row) => <Moment at={row.lastSeenAt} />} />
        <Column label="Change" disableSort render={(row) => <Change row={row} />} />
      </DataTable>
    </ConsoleList>
  );
}
