import Add from '@mui/icons-material/AddOutlined';
import { useState, type ReactNode } from 'react';
import { DataTable, usePermissions, type RaRecord } from 'react-admin';
import { ActionButton } from '../action-button.tsx';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { Moment, OneLine, RowLink, StateChip } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { FormDialog } from '../form-dialog.tsx';
import { formatName } from '../formats.ts';
import { isSimulated } from '../simulated.ts';
import { useAction } from '../use-action.tsx';

interface Model {
  readonly provider: string;
  readonly model: string;
}
interface ExperimentRow extends RaRecord {
  readonly id: string;
  readonly kind: 'ab' | 'canary';
  readonly state: string;
  readonly requestTypes: readonly string[];
  readonly control: Model;
  readonly candidate: Model;
  readonly candidateShare: number;
  readonly looks: readonly unknown[];
  readonly decidedBecause: string | null;
  readonly startedAt: string;
}

const Column = DataTable.Col<ExperimentRow>;
const nameOf = ({ provider, model }: Model): string => `${provider}/${model}`;
const splitList = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function Begin(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const action = useAction(() => setOpen(false));
  return (
    <>
      <ActionButton label="Begin an experiment" startIcon={<Add />} onClick={() => setOpen(true)} />
      {isOpen && (
        <FormDialog
          title="Compare two models in traffic"
          submitLabel="Begin"
          fields={[
            { name: 'name', label: 'Name', value: '', hint: 'Of its own' },
            { name: 'control', label: 'Control', value: '', hint: 'PROVIDER/MODEL that serves now' },
            { name: 'candidate', label: 'Candidate', value: '', hint: 'PROVIDER/MODEL that is tried' },
            { name: 'share', label: 'Percent of the prompts for the candidate', value: '50', type: 'number' },
            { name: 'requestTypes', label: 'Request types', value: '', hint: 'Separated by commas; empty: all' },
          ]}
          onClose={() => setOpen(false)}
          onSubmit={({ share, requestTypes, ...values }) =>
            action.mutate({
              path: '/api/experiments',
              body: { ...values, share: Number(share), requestTypes: splitList(requestTypes), simulated: isSimulated() },
              told: () => `${values['name']} has begun`,
            })
          }
        />
      )}
    </>
  );
}

/** Comparisons of two models in traffic, and own models on their way into service. */
export function ExperimentList(): ReactNode {
  const { permissions } = usePermissions<Role>();
  return (
    <ConsoleList
      title="Experiments"
      emptyHint="Compare two models on the prompts of some request types; each prompt goes to one of both. A deployed model of your own is watched here too."
      actions={hasRole(permissions, 'admin') ? <Begin /> : null}
    >
      <DataTable
        size="small"
        rowClick={(id, _, row) => (row['kind'] === 'ab' ? `/experiments/${encodeURIComponent(String(id))}/show` : false)}
        bulkActionButtons={false}
      >
        <Column
          label="Name"
          disableSort
          render={(row) =>
            row.kind === 'ab' ? (
              <RowLink to={`/experiments/${encodeURIComponent(row.id)}/show`}>{row.id}</RowLink>
            ) : (
              <RowLink to={`/training-runs/${encodeURIComponent(row.candidate.model)}/show`}>{`canary of ${row.candidate.model}`}</RowLink>
            )
          }
        />
        <Column label="State" disableSort render={(row) => <StateChip state={row.state} />} />
        <Column label="Control" disableSort render={(row) => <OneLine text={nameOf(row.control)} width={190} />} />
        <Column label="Candidate" disableSort render={(row) => <OneLine text={nameOf(row.candidate)} width={190} />} />
        <Column label="Share" disableSort align="right" render={(row) => `${row.candidateShare} %`} />
        <Column
          label="Request types"
          disableSort
          render={(row) => (
            <OneLine text={row.requestTypes.length === 0 ? 'all' : row.requestTypes.map(formatName).join(', ')} width={160} />
          )}
        />
        <Column label="Because" disableSort render={(row) => <OneLine text={row.decidedBecause ?? '–'} width={200} />} />
        <Column label="Begun" disableSort render={(row) => <Moment at={row.startedAt} />} />
      </DataTable>
    </ConsoleList>
  );
}
