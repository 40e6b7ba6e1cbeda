import Switch from '@mui/material/Switch';
import { useState, type ReactNode } from 'react';
import { DataTable, usePermissions, type RaRecord } from 'react-admin';
import Chip from '@mui/material/Chip';
import Tooltip from '@mui/material/Tooltip';
import { ActionButton } from '../action-button.tsx';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { StateChip } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { FormDialog } from '../form-dialog.tsx';
import { formatCount, formatUsd } from '../formats.ts';
import { useAction } from '../use-action.tsx';

interface ProviderRow extends RaRecord {
  readonly provider: string;
  readonly modelName: string;
  readonly kind: string;
  readonly tier: string;
  readonly qualityScore: number;
  readonly isActive: boolean;
  readonly isDefault: boolean;
  readonly maxTokens: number | null;
  readonly lifecycle: string;
  readonly shutdownDate: string | null;
  readonly shutdownInDays: number | null;
  readonly successor: string | null;
  readonly circuit: string;
  readonly price: { readonly input: string | null; readonly output: string | null; readonly characters: string | null } | null;
}

const Column = DataTable.Col<ProviderRow>;
const WARN_DAYS = 90;
const nameOf = ({ provider, modelName }: ProviderRow): string => `${provider}/${modelName}`;

function Lifecycle({ row }: { readonly row: ProviderRow }): ReactNode {
  const { shutdownDate, shutdownInDays, successor, lifecycle } = row;
  if (shutdownDate === null || shutdownInDays === null) return <StateChip state={lifecycle} />;
  const label = shutdownInDays < 0 ? `ended ${shutdownDate}` : `ends in ${shutdownInDays} days`;
  return (
    <Tooltip title={successor === null ? `Shut down on ${shutdownDate}` : `Shut down on ${shutdownDate}; successor ${successor}`}>
      <Chip size="small" variant="outlined" color={shutdownInDays < WARN_DAYS ? 'warning' : 'default'} label={label} />
    </Tooltip>
  );
}

function ActiveSwitch({ row, isAdmin }: { readonly row: ProviderRow; readonly isAdmin: boolean }): ReactNode {
  const action = useAction();
  return (
    <Switch
      size="small"
      checked={row.isActive}
      disabled={!isAdmin || action.isPending}
      slotProps={{ input: { 'aria-label': `${nameOf(row)} may be chosen` } }}
      onChange={(_, isActive) =>
        action.mutate({
          path: `/api/providers/${String(row.id)}`,
          method: 'PATCH',
          body: { isActive },
          told: () => `${nameOf(row)} is ${isActive ? 'chosen again' : 'not chosen any more'}`,
        })
      }
    />
  );
}

function Change({ row }: { readonly row: ProviderRow }): ReactNode {
  const [open, setOpen] = useState<'edit' | 'price' | null>(null);
  const action = useAction(() => setOpen(null));
  const path = `/api/providers/${String(row.id)}`;
  const edit = ({ tier, qualityScore, isDefault }: Readonly<Record<string, string>>): void =>
    action.mutate({
      path,
      method: 'PATCH',
      body: {
        tier,
        qualityScore: Number(qualityScore),
        ...(isDefault === String(row.isDefault) ? {} : { isDefault: isDefault === 'true' }),
      },
      told: () => `${nameOf(row)} is changed`,
    });
  const priceFields =
    row.kind === 'audio'
      ? [{ name: 'charactersUsd', label: '$ per million characters', value: '', type: 'number' as const }]
      : [
          { name: 'inputUsd', label: '$ per million tokens in', value: '', type: 'number' as const },
          { name: 'outputUsd', label: '$ per million tokens out', value: '', type: 'number' as const },
        ];
  const addPrice = ({ from, ...values }: Readonly<Record<string, string>>): void =>
    action.mutate({
      path: `${path}/prices`,
      body: {
        ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')),
        effectiveFrom: new Date(from ?? '').toISOString(),
      },
      told: () => 'Price added',
    });
  return (
    <>
      <ActionButton label="Edit" onClick={() => setOpen('edit')} />
      <ActionButton label="Add a price" onClick={() => setOpen('price')} />
      {open === 'edit' && (
        <FormDialog
          title={nameOf(row)}
          fields={[
            { name: 'tier', label: 'Tier', value: row.tier, choices: ['cheap', 'normal', 'premium'] },
            { name: 'qualityScore', label: 'Quality', value: String(row.qualityScore), type: 'number', hint: '0 to 1' },
            { name: 'isDefault', label: 'Default of its tier', value: String(row.isDefault), choices: ['true', 'false'] },
          ]}
          submitLabel="Save"
          onClose={() => setOpen(null)}
          onSubmit={edit}
        />
      )}
      {open === 'price' && (
        <FormDialog
          title={`New price of ${nameOf(row)}`}
          fields={[
            {
              name: 'from',
              label: 'In effect from',
              value: '',
              type: 'datetime-local',
              hint: 'Prices are never changed, only followed by newer ones',
            },
            ...priceFields,
            { name: 'source', label: 'Where it comes from', value: '' },
          ]}
          submitLabel="Add"
          onClose={() => setOpen(null)}
          onSubmit={addPrice}
        />
      )}
    </>
  );
}

/** Models that may be chosen, what they cost and how they are. */
export function ProviderList(): ReactNode {
  const { permissions } = usePermissions<Role>();
  const isAdmin = hasRole(permissions, 'admin');
  return (
    <ConsoleList title="Providers" emptyHint="Run ai-core setup-providers: it configures every model of the catalogue.">
      <DataTable size="small" bulkActionButtons={false} rowClick={false}>
        <Column label="Chosen" disableSort render={(row) => <ActiveSwitch row={row} isAdmin={isAdmin} />} />
        <Column label="Model" disableSort render={nameOf} />
        <Column label="Kind" disableSort render={(row) => row.kind} />
        <Column label="Tier" disableSort render={(row) => (row.isDefault ? `${row.tier}, default` : row.tier)} />
        <Column label="Quality" disableSort align="right" render={(row) => Number(row.qualityScore).toFixed(2)} />
        <Column label="$/M in" disableSort align="right" render={(row) => formatUsd(row.price?.input ?? row.price?.characters)} />
        <Column label="$/M out" disableSort align="right" render={(row) => formatUsd(row.price?.output)} />
        <Column label="Context" disableSort align="right" render={(row) => (row.maxTokens === null ? '–' : formatCount(row.maxTokens))} />
        <Column label="Lifecycle" disableSort render={(row) => <Lifecycle row={row} />} />
        <Column label="Circuit" disableSort render={(row) => <StateChip state={row.circuit} />} />
        {isAdmin && <Column label="Change" disableSort render={(row) => <Change row={row} />} />}
      </DataTable>
    </ConsoleList>
  );
}
