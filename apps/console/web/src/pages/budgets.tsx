import Add from '@mui/icons-material/AddOutlined';
import { useState, type ReactNode } from 'react';
import { Confirm, DataTable, usePermissions, type RaRecord } from 'react-admin';
import { ActionButton } from '../action-button.tsx';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { Moment } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { FormDialog, type FormField } from '../form-dialog.tsx';
import { formatName, formatPercent, formatUsd } from '../formats.ts';
import { isSimulated } from '../simulated.ts';
import { useAction } from '../use-action.tsx';

interface BudgetRow extends RaRecord {
  readonly simulated: boolean;
  readonly scope: string;
  readonly subject: string;
  readonly period: string;
  readonly limitNanoUsd: string;
  readonly spentNanoUsd: string;
  readonly heldNanoUsd: string;
  readonly onExceed: string;
  readonly origin: string;
  readonly periodEnd: string;
}

const Column = DataTable.Col<BudgetRow>;
const PATH = '/api/budgets';

function fields(): FormField[] {
  return [
    { name: 'scope', label: 'Scope', value: 'global', choices: ['global', 'caller', 'user', 'user_category', 'provider'] },
    { name: 'subject', label: 'Whose', value: '', hint: 'Name of the key, user, category or provider; empty for global' },
    { name: 'period', label: 'Period', value: 'month', choices: ['day', 'month'] },
    { name: 'limitUsd', label: 'Limit, US dollars', value: '', type: 'number' },
    { name: 'onExceed', label: 'When it is used up', value: 'refuse', choices: ['refuse', 'park'] },
  ];
}

function AddBudget(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const action = useAction(() => setOpen(false));
  return (
    <>
      <ActionButton label="Set a budget" startIcon={<Add />} onClick={() => setOpen(true)} />
      {isOpen && (
        <FormDialog
          title={isSimulated() ? 'Set a budget for simulated money' : 'Set a budget'}
          fields={fields()}
          submitLabel="Set"
          onClose={() => setOpen(false)}
          onSubmit={(values) =>
            action.mutate({ path: PATH, method: 'PUT', body: { ...values, simulated: isSimulated() }, told: () => 'Budget set' })
          }
        />
      )}
    </>
  );
}

function RemoveBudget({ row }: { readonly row: BudgetRow }): ReactNode {
  const [isAsking, setAsking] = useState(false);
  const action = useAction();
  if (row.origin === 'category') return 'follows its category';
  const { simulated, scope, subject, period } = row;
  return (
    <>
      <ActionButton label="Remove" color="error" onClick={() => setAsking(true)} />
      <Confirm
        isOpen={isAsking}
        title="Remove this budget?"
        content="Nothing limits this spending any more."
        onConfirm={() => {
          setAsking(false);
          action.mutate({
            path: PATH,
            method: 'PUT',
            body: { simulated, scope, subject, period, limitUsd: null },
            told: () => 'Budget removed',
          });
        }}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

/** What may be spent, and what has been. */
export function BudgetList(): ReactNode {
  const { permissions } = usePermissions<Role>();
  const isAdmin = hasRole(permissions, 'admin');
  return (
    <ConsoleList
      title="Budgets"
      emptyHint="Without a budget nothing limits what is spent. An admin sets one for a day or a month, for everybody or for one caller."
      actions={isAdmin ? <AddBudget /> : null}
    >
      <DataTable size="small" bulkActionButtons={false} rowClick={false}>
        <Column label="Money" disableSort render={(row) => (row.simulated ? 'simulated' : 'real')} />
        <Column label="Scope" disableSort render={(row) => formatName(row.scope)} />
        <Column label="Whose" disableSort render={(row) => row.subject || 'everybody'} />
        <Column label="Period" disableSort render={(row) => row.period} />
        <Column label="Limit" disableSort align="right" render={(row) => formatUsd(row.limitNanoUsd)} />
        <Column label="Spent" disableSort align="right" render={(row) => formatUsd(row.spentNanoUsd)} />
        <Column label="Held" disableSort align="right" render={(row) => formatUsd(row.heldNanoUsd)} />
        <Column
          label="Used"
          disableSort
          align="right"
          render={(row) =>
            row.limitNanoUsd === '0' ? '–' : formatPercent((Number(row.spentNanoUsd) + Number(row.heldNanoUsd)) / Number(row.limitNanoUsd))
          }
        />
        <Column label="Then" disableSort render={(row) => row.onExceed} />
        <Column label="Ends" disableSort render={(row) => <Moment at={row.periodEnd} />} />
        {isAdmin && <Column label="Change" disableSort render={(row) => <RemoveBudget row={row} />} />}
      </DataTable>
    </ConsoleList>
  );
}
