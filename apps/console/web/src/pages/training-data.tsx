import Check from '@mui/icons-material/VerifiedOutlined';
import Close from '@mui/icons-material/CloseOutlined';
import type { ReactNode } from 'react';
import { DataTable, Link, SelectInput, usePermissions, type RaRecord } from 'react-admin';
import { ActionButton } from '../action-button.tsx';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { Moment, OneLine } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { formatCount, formatName } from '../formats.ts';
import { useAction } from '../use-action.tsx';

interface TrainingRow extends RaRecord {
  readonly memoryId: string;
  readonly requestType: string;
  readonly model: string;
  readonly userRating: number | null;
  readonly usageCount: number;
  readonly trainingWeight: number;
  readonly difficulty: string | null;
  readonly tags: readonly string[];
  readonly humanVerified: boolean;
  readonly suggestedBecause: string | null;
  readonly split: string;
  readonly createdAt: string;
}

const Column = DataTable.Col<TrainingRow>;
const LISTS = [
  { id: 'suggested', name: 'To review' },
  { id: 'verified', name: 'Verified' },
  { id: 'declined', name: 'Declined' },
];
const FILTERS = [<SelectInput key="list" source="list" label="List" choices={LISTS} emptyText="To review" alwaysOn />];

function Decide({ row }: { readonly row: TrainingRow }): ReactNode {
  const action = useAction();
  if (row.humanVerified) return null;
  return (
    <>
      <ActionButton
        label="Verify"
        startIcon={<Check />}
        disabled={action.isPending}
        onClick={() =>
          action.mutate({ path: '/api/memory/actions/verify', body: { ids: [row.memoryId] }, told: () => 'Verified for training' })
        }
      />
      <ActionButton
        label="Decline"
        startIcon={<Close />}
        disabled={action.isPending}
        onClick={() =>
          action.mutate({ path: `/api/training-data/${row.id}`, method: 'PATCH', body: { declined: true }, told: () => 'Declined' })
        }
      />
    </>
  );
}

/** What a model can be taught with: suggestions to decide on, and what was decided. */
export function TrainingDataList(): ReactNode {
  const { permissions } = usePermissions<Role>();
  return (
    <ConsoleList
      title="Training data"
      filters={FILTERS}
      emptyHint="Answers that are rated well or reused often are suggested once a day; verify any answer under AI memory."
    >
      <DataTable size="small" bulkActionButtons={false} rowClick={false}>
        <Column
          label="Answer"
          disableSort
          render={(row) => <Link to={`/memory/${row.memoryId}/show`}>{formatName(row.requestType)}</Link>}
        />
        <Column label="Model" disableSort render={(row) => row.model} />
        <Column
          label="Because"
          disableSort
          render={(row) => (row.suggestedBecause === null ? 'a person chose it' : <OneLine text={row.suggestedBecause} />)}
        />
        <Column
          label="Rating"
          disableSort
          align="right"
          render={(row) => (row.userRating === null ? '–' : Number(row.userRating).toFixed(1))}
        />
        <Column label="Reused" disableSort align="right" render={(row) => formatCount(row.usageCount)} />
        <Column label="Weight" disableSort align="right" render={(row) => row.trainingWeight} />
        <Column label="Difficulty" disableSort render={(row) => row.difficulty ?? '–'} />
        <Column label="Tags" disableSort render={(row) => <OneLine text={row.tags.join(', ')} width={180} />} />
        <Column label="Split" disableSort render={(row) => row.split} />
        <Column label="Since" disableSort render={(row) => <Moment at={row.createdAt} />} />
        {hasRole(permissions, 'reviewer') && <Column label="Decide" disableSort render={(row) => <Decide row={row} />} />}
      </DataTable>
    </ConsoleList>
  );
}
