import Add from '@mui/icons-material/AddOutlined';
import { useState, type ReactNode } from 'react';
import { Confirm, DataTable, usePermissions, type RaRecord } from 'react-admin';
import { ActionButton } from '../action-button.tsx';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { Moment, StateChip } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { FormDialog } from '../form-dialog.tsx';
import { SecretDialog } from '../secret-dialog.tsx';
import { useAction } from '../use-action.tsx';

interface KeyRow extends RaRecord {
  readonly name: string;
  readonly hint: string;
  readonly role: string;
  readonly scopes: readonly string[] | null;
  readonly requestsPerMinute: number | null;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

const Column = DataTable.Col<KeyRow>;
const PATH = '/api/api-keys';

function AddKey(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const action = useAction(() => setOpen(false));
  const create = ({ name, role, requestsPerMinute }: Readonly<Record<string, string>>): void => {
    const limit = requestsPerMinute === undefined || requestsPerMinute === '' ? null : Number(requestsPerMinute);
    action.mutate(
      { path: PATH, body: { name, role, requestsPerMinute: limit }, told: () => 'Key made' },
      { onSuccess: (answer) => setSecret(String((answer as unknown as { key: string }).key)) },
    );
  };
  return (
    <>
      <ActionButton label="Make a key" startIcon={<Add />} onClick={() => setOpen(true)} />
      {isOpen && (
        <FormDialog
          title="Make an API key"
          fields={[
            { name: 'name', label: 'Name', value: '', hint: 'The caller in accounts, such as lesson-backend' },
            { name: 'role', label: 'Role', value: 'app', choices: ['app', 'admin'] },
            { name: 'requestsPerMinute', label: 'Requests a minute', value: '', type: 'number', hint: 'Empty: no limit' },
          ]}
          submitLabel="Make"
          onClose={() => setOpen(false)}
          onSubmit={create}
        />
      )}
      {secret !== null && <SecretDialog title="The new key" secret={secret} onClose={() => setSecret(null)} />}
    </>
  );
}

function Revoke({ row }: { readonly row: KeyRow }): ReactNode {
  const [isAsking, setAsking] = useState(false);
  const action = useAction();
  if (row.revokedAt !== null) return null;
  return (
    <>
      <ActionButton label="Revoke" color="error" onClick={() => setAsking(true)} />
      <Confirm
        isOpen={isAsking}
        title={`Revoke the key ${row.name}?`}
        content="Whoever uses it is refused within seconds. It cannot be taken back."
        onConfirm={() => {
          setAsking(false);
          action.mutate({ path: `${PATH}/${encodeURIComponent(row.name)}/revoke`, told: () => `${row.name} is revoked` });
        }}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

/** Credentials of backends. */
export function ApiKeyList(): ReactNode {
  const { permissions } = usePermissions<Role>();
  const isAdmin = hasRole(permissions, 'admin');
  return (
    <ConsoleList
      title="API keys"
      emptyHint="Backends that call over HTTP need one. An admin makes it here, or by the command: ai-core keys create NAME."
      actions={isAdmin ? <AddKey /> : null}
    >
      <DataTable size="small" bulkActionButtons={false} rowClick={false}>
        <Column label="Name" disableSort render={(row) => row.name} />
        <Column label="Key" disableSort render={(row) => `…${row.hint}`} />
        <Column label="Role" disableSort render={(row) => row.role} />
        <Column label="Scopes" disableSort render={(row) => row.scopes?.join(', ') ?? 'every'} />
        <Column label="A minute" disableSort align="right" render={(row) => row.requestsPerMinute ?? 'no limit'} />
        <Column label="Made" disableSort render={(row) => <Moment at={row.createdAt} />} />
        <Column label="Last used" disableSort render={(row) => <Moment at={row.lastUsedAt} />} />
        <Column label="State" disableSort render={(row) => <StateChip state={row.revokedAt === null ? 'active' : 'revoked'} />} />
        {isAdmin && <Column label="Change" disableSort render={(row) => <Revoke row={row} />} />}
      </DataTable>
    </ConsoleList>
  );
}
