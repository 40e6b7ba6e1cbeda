import Replay from '@mui/icons-material/ReplayOutlined';
import Cancel from '@mui/icons-material/CancelOutlined';
import { useState, type ReactNode } from 'react';
import { Confirm, DataTable, SelectInput, TextInput, useListContext, usePermissions, useUnselectAll, type RaRecord } from 'react-admin';
import { ActionButton } from '../action-button.tsx';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { Moment, RowLink, StateChip } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { formatName } from '../formats.ts';
import { useAction } from '../use-action.tsx';

interface JobRow extends RaRecord {
  readonly requestType: string;
  readonly kind: string;
  readonly state: string;
  readonly provider: string;
  readonly model: string;
  readonly caller: string;
  readonly attempts: number;
  readonly errorCode: string | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

const Column = DataTable.Col<JobRow>;
const STATES = ['queued', 'running', 'done', 'failed', 'cancelled', 'parked', 'batched'].map((id) => ({ id, name: id }));
const FILTERS = [
  <SelectInput key="state" source="state" choices={STATES} alwaysOn />,
  <TextInput key="type" source="requestType" label="Request type" alwaysOn />,
];

function JobBulkActions(): ReactNode {
  const { selectedIds } = useListContext();
  const action = useAction(useUnselectAll('jobs'));
  const act = (name: string, told: string): void =>
    action.mutate({
      path: `/api/jobs/actions/${name}`,
      body: { ids: selectedIds },
      told: ({ done }) => `${done} ${done === 1 ? 'job' : 'jobs'} ${told}`,
    });
  return (
    <>
      <ActionButton label="Retry" startIcon={<Replay />} disabled={action.isPending} onClick={() => act('retry', 'queued again')} />
      <ActionButton label="Cancel" startIcon={<Cancel />} disabled={action.isPending} onClick={() => act('cancel', 'cancelled')} />
    </>
  );
}

function RedriveButton(): ReactNode {
  const action = useAction();
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <ActionButton label="Retry all failed" startIcon={<Replay />} onClick={() => setAsking(true)} />
      <Confirm
        isOpen={isAsking}
        title="Retry all failed jobs?"
        content="The 500 newest failed jobs, real and simulated, are sent round again from their first model. Answers that come are paid for."
        onConfirm={() => {
          setAsking(false);
          action.mutate({ path: '/api/jobs/actions/redrive', told: ({ done }) => `${done} jobs queued again` });
        }}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

/** Work that was asked for, and what became of it. */
export function JobList(): ReactNode {
  const { permissions } = usePermissions<Role>();
  const isOperator = hasRole(permissions, 'operator');
  return (
    <ConsoleList
      title="Jobs"
      filters={FILTERS}
      emptyHint="Every request that is not answered from memory becomes a job. Send one, or look at simulated work with the switch above."
      actions={isOperator ? <RedriveButton /> : null}
    >
      <DataTable size="small" rowClick="show" bulkActionButtons={isOperator ? <JobBulkActions /> : false}>
        <Column label="State" disableSort render={(row) => <StateChip state={row.state} />} />
        <Column label="Type" disableSort render={(row) => <RowLink to={`/jobs/${row.id}/show`}>{formatName(row.requestType)}</RowLink>} />
        <Column label="Model" disableSort render={(row) => `${row.provider}/${row.model}`} />
        <Column label="Caller" disableSort render={(row) => row.caller} />
        <Column label="Calls" disableSort align="right" render={(row) => row.attempts} />
        <Column label="Error" disableSort render={(row) => row.errorCode ?? '–'} />
        <Column label="Asked" disableSort render={(row) => <Moment at={row.createdAt} />} />
        <Column label="Ended" disableSort render={(row) => <Moment at={row.finishedAt} />} />
      </DataTable>
    </ConsoleList>
  );
}
