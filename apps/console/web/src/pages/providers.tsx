import Chip from '@mui/material/Chip';
import Tooltip from '@mui/material/Tooltip';
import type { ReactNode } from 'react';
import { DataTable, SelectInput, TextInput, usePermissions } from 'react-admin';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { RowLink, StateChip } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { formatCount, formatUsd } from '../formats.ts';
import { ActiveSwitch, AddPriceButton, AddProviderButton, EditButton, SuccessorButton } from '../provider-actions.tsx';
import { nameOf, type ProviderRow } from '../provider-row.ts';

const Column = DataTable.Col<ProviderRow>;
const WARN_DAYS = 90;
const choices = (...names: string[]) => names.map((id) => ({ id, name: id.replaceAll('_', ' ') }));
const FILTERS = [
  <TextInput key="search" source="search" label="Model" alwaysOn />,
  <SelectInput key="kind" source="kind" choices={choices('text', 'audio')} alwaysOn />,
  <SelectInput key="tier" source="tier" choices={choices('cheap', 'normal', 'premium')} alwaysOn />,
  <SelectInput key="state" source="state" choices={choices('chosen', 'not_chosen', 'ending')} alwaysOn />,
];

/** How long a model stays. */
export function Lifecycle({ row }: { readonly row: ProviderRow }): ReactNode {
  const { shutdownDate, shutdownInDays, successor, lifecycle } = row;
  if (shutdownDate === null || shutdownInDays === null) return <StateChip state={lifecycle} />;
  const label = shutdownInDays < 0 ? `ended ${shutdownDate}` : `ends in ${shutdownInDays} days`;
  return (
    <Tooltip title={successor === null ? `Shut down on ${shutdownDate}` : `Shut down on ${shutdownDate}; successor ${successor}`}>
      <Chip size="small" variant="outlined" color={shutdownInDays < WARN_DAYS ? 'warning' : 'default'} label={label} />
    </Tooltip>
  );
}

/** Models that may be chosen, what they cost and how they are. */
export function ProviderList(): ReactNode {
  const { permissions } = usePermissions<Role>();
  const isAdmin = hasRole(permissions, 'admin');
  return (
    <ConsoleList
      title="Providers"
      filters={FILTERS}
      emptyHint="Run ai-core setup-providers: it configures every model of the catalogue."
      actions={isAdmin ? <AddProviderButton /> : null}
    >
      <DataTable size="small" bulkActionButtons={false} rowClick="show">
        <Column label="Chosen" disableSort render={(row) => <ActiveSwitch row={row} isAdmin={isAdmin} />} />
        <Column label="Model" disableSort render={(row) => <RowLink to={`/providers/${String(row.id)}/show`}>{nameOf(row)}</RowLink>} />
        <Column label="Kind" disableSort render={(row) => row.kind} />
        <Column label="Tier" disableSort render={(row) => (row.isDefault ? `${row.tier}, default` : row.tier)} />
        <Column label="Quality" disableSort align="right" render={(row) => Number(row.qualityScore).toFixed(2)} />
        <Column label="$/M in" disableSort align="right" render={(row) => formatUsd(row.price?.input ?? row.price?.characters)} />
        <Column label="$/M out" disableSort align="right" render={(row) => formatUsd(row.price?.output)} />
        <Column label="Context" disableSort align="right" render={(row) => (row.maxTokens === null ? '–' : formatCount(row.maxTokens))} />
        <Column label="Lifecycle" disableSort render={(row) => <Lifecycle row={row} />} />
        <Column label="Circuit" disableSort render={(row) => <StateChip state={row.circuit} />} />
        {isAdmin && (
          <Column
            label="Change"
            disableSort
            render={(row) => (
              <span role="presentation" onClick={(event) => event.stopPropagation()}>
                <EditButton row={row} />
                <AddPriceButton row={row} />
                <SuccessorButton row={row} />
              </span>
            )}
          />
        )}
      </DataTable>
    </ConsoleList>
  );
}
