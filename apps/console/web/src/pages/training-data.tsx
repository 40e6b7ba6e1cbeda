import Keyboard from '@mui/icons-material/KeyboardOutlined';
import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import { DataTable, Link, SelectInput, TextInput, usePermissions, useRedirect, type RaRecord } from 'react-admin';
import { ActionButton } from '../action-button.tsx';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { OneLine } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { EditLabels } from '../edit-labels.tsx';
import { ExportButton } from '../export-dialog.tsx';
import { formatCount, formatName } from '../formats.ts';
import { DIFFICULTIES, type Difficulty } from '../label-fields.tsx';
import { TrainingGoal } from '../training-goal.tsx';
import { useAction } from '../use-action.tsx';

interface TrainingRow extends RaRecord {
  readonly memoryId: string;
  readonly requestType: string;
  readonly model: string;
  readonly userRating: number | null;
  readonly usageCount: number;
  readonly trainingWeight: number;
  readonly difficulty: Difficulty | null;
  readonly tags: readonly string[];
  readonly humanVerified: boolean;
  readonly suggestedBecause: string | null;
  readonly split: string;
}

const Column = DataTable.Col<TrainingRow>;
const LISTS = [
  { id: 'suggested', name: 'To review' },
  { id: 'verified', name: 'Verified' },
  { id: 'declined', name: 'Declined' },
];
const FILTERS = [
  <SelectInput key="list" source="list" label="List" choices={LISTS} emptyText="To review" alwaysOn />,
  <TextInput key="type" source="requestType" label="Request type" />,
  <SelectInput key="difficulty" source="difficulty" choices={DIFFICULTIES.map((id) => ({ id, name: id }))} />,
  <TextInput key="tag" source="tag" label="Tag" />,
  <SelectInput key="split" source="split" choices={['train', 'validation'].map((id) => ({ id, name: id }))} />,
];

function Decide({ row }: { readonly row: TrainingRow }): ReactNode {
  const action = useAction();
  if (row.humanVerified) return null;
  return (
    <>
      <ActionButton
        label="Verify"
        disabled={action.isPending}
        onClick={() =>
          action.mutate({ path: '/api/memory/actions/verify', body: { ids: [row.memoryId] }, told: () => 'Verified for training' })
        }
      />
      <ActionButton
        label="Decline"
        disabled={action.isPending}
        onClick={() =>
          action.mutate({ path: `/api/training-data/${row.id}`, method: 'PATCH', body: { declined: true }, told: () => 'Declined' })
        }
      />
    </>
  );
}

function ReviewButton(): ReactNode {
  const redirect = useRedirect();
  return <ActionButton label="Review by keyboard" startIcon={<Keyboard />} onClick={() => redirect('/review')} />;
}

/** What a model can be taught with: suggestions to decide on, and what was decided. */
export function TrainingDataList(): ReactNode {
  const { permissions } = usePermissions<Role>();
  return (
    <Box sx={{ display: 'grid', gap: 1, minWidth: 0, gridTemplateColumns: 'minmax(0, 1fr)', pt: 1 }}>
      <TrainingGoal />
      <ConsoleList
        title="Training data"
        filters={FILTERS}
        emptyHint="Answers that are rated well or reused often are suggested once a day; verify any answer under AI memory."
        actions={
          <>
            <ReviewButton />
            {hasRole(permissions, 'operator') && <ExportButton />}
          </>
        }
      >
        <DataTable size="small" bulkActionButtons={false} rowClick={false}>
          <Column
            label="Answer"
            disableSort
            render={(row) => <Link to={`/memory/${row.memoryId}/show`}>{formatName(row.requestType)}</Link>}
          />
          <Column label="Model" disableSort render={(row) => <OneLine text={row.model} width={120} />} />
          <Column
            label="Because"
            disableSort
            render={(row) => (row.suggestedBecause === null ? 'a person chose it' : <OneLine text={row.suggestedBecause} width={140} />)}
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
          <Column label="Tags" disableSort render={(row) => <OneLine text={row.tags.join(', ')} width={110} />} />
          <Column label="Split" disableSort render={(row) => row.split} />
          {hasRole(permissions, 'reviewer') && (
            <Column
              label="Decide"
              disableSort
              render={(row) => (
                <>
                  <Decide row={row} />
                  <EditLabels id={String(row.id)} labels={{ weight: row.trainingWeight, difficulty: row.difficulty, tags: row.tags }} />
                </>
              )}
            />
          )}
        </DataTable>
      </ConsoleList>
    </Box>
  );
}
