import Check from '@mui/icons-material/VerifiedOutlined';
import Block from '@mui/icons-material/BlockOutlined';
import Update from '@mui/icons-material/UpdateOutlined';
import type { ReactNode } from 'react';
import {
  Confirm,
  DataTable,
  SearchInput,
  SelectInput,
  TextInput,
  useListContext,
  usePermissions,
  useUnselectAll,
  type RaRecord,
} from 'react-admin';
import { useState } from 'react';
import { ActionButton } from '../action-button.tsx';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { Moment, OneLine, RowLink, StateChip } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { formatCount, formatName, formatUsd } from '../formats.ts';
import { useAction, type Action } from '../use-action.tsx';

interface MemoryRow extends RaRecord {
  readonly kind: string;
  readonly requestType: string;
  readonly promptText: string;
  readonly provider: string;
  readonly model: string;
  readonly costNanoUsd: string | null;
  readonly verdict: string;
  readonly userRating: number | null;
  readonly usageCount: number;
  readonly createdAt: string;
}

const Column = DataTable.Col<MemoryRow>;
const VERDICTS = ['none', 'verified', 'rejected', 'stale'].map((id) => ({ id, name: id }));
const KINDS = ['text', 'audio'].map((id) => ({ id, name: id }));
const VERSIONS = [{ id: 'true', name: 'All versions' }];
const FILTERS = [
  <SearchInput key="search" source="search" placeholder="Words of the prompt" alwaysOn />,
  <SelectInput key="verdict" source="verdict" choices={VERDICTS} alwaysOn />,
  <SelectInput key="kind" source="kind" choices={KINDS} />,
  <TextInput key="type" source="requestType" label="Request type" />,
  <TextInput key="provider" source="provider" />,
  <SelectInput key="versions" source="allVersions" label="Versions" choices={VERSIONS} />,
];

/** What can be done with chosen answers; rejecting asks first. */
function MemoryBulkActions(): ReactNode {
  const { selectedIds } = useListContext();
  const unselect = useUnselectAll('memory');
  const action = useAction(unselect);
  const [isAsking, setAsking] = useState(false);
  const actionOf = (name: string, told: string, ids: readonly unknown[] = selectedIds): Action => ({
    path: `/api/memory/actions/${name}`,
    body: { ids, reason: null },
    told: ({ done }) => `${done} ${done === 1 ? 'answer' : 'answers'} ${told}`,
  });
  const act = (name: string, told: string): void => action.mutate(actionOf(name, told));
  const verify = (): void =>
    action.mutate({
      ...actionOf('verify', 'verified for training'),
      undo: ({ changed }) => actionOf('unverify', 'not verified any more', changed),
    });
  return (
    <>
      <ActionButton label="Mark as verified (training)" startIcon={<Check />} disabled={action.isPending} onClick={verify} />
      <ActionButton label="Mark stale" startIcon={<Update />} disabled={action.isPending} onClick={() => act('stale', 'marked stale')} />
      <ActionButton label="Reject" color="error" startIcon={<Block />} disabled={action.isPending} onClick={() => setAsking(true)} />
      <Confirm
        isOpen={isAsking}
        title="Reject these answers?"
        content="They are never served or learned from again; the next request of each kind buys a new answer."
        onConfirm={() => {
          setAsking(false);
          act('reject', 'rejected');
        }}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

/** Everything that is remembered. */
export function MemoryList(): ReactNode {
  const { permissions } = usePermissions<Role>();
  return (
    <ConsoleList
      title="AI memory"
      filters={FILTERS}
      emptyHint="Answers are remembered from the first request on; or look at simulated work with the switch above."
    >
      <DataTable size="small" rowClick="show" bulkActionButtons={hasRole(permissions, 'reviewer') ? <MemoryBulkActions /> : false}>
        <Column
          label="Prompt"
          disableSort
          render={(row) => (
            <RowLink to={`/memory/${row.id}/show`}>
              <OneLine text={row.promptText} width={300} />
            </RowLink>
          )}
        />
        <Column label="Type" disableSort render={(row) => formatName(row.requestType)} />
        <Column label="Kind" disableSort render={(row) => row.kind} />
        <Column label="Model" disableSort render={(row) => <OneLine text={`${row.provider}/${row.model}`} width={180} />} />
        <Column label="Verdict" disableSort render={(row) => (row.verdict === 'none' ? null : <StateChip state={row.verdict} />)} />
        <Column
          label="Rating"
          disableSort
          align="right"
          render={(row) => (row.userRating === null ? '–' : Number(row.userRating).toFixed(1))}
        />
        <Column label="Reused" disableSort align="right" render={(row) => formatCount(row.usageCount)} />
        <Column label="Cost" disableSort align="right" render={(row) => formatUsd(row.costNanoUsd)} />
        <Column label="Made" disableSort render={(row) => <Moment at={row.createdAt} />} />
      </DataTable>
    </ConsoleList>
  );
}
