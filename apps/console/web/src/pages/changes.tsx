import type { ReactNode } from 'react';
import { DataTable, TextInput, type RaRecord } from 'react-admin';
import { Moment, OneLine } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';

interface ChangeRow extends RaRecord {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

const Column = DataTable.Col<ChangeRow>;
const FILTERS = [
  <TextInput key="actor" source="actor" label="Who" alwaysOn />,
  <TextInput key="action" source="action" label="Action begins with" alwaysOn />,
];
const toText = (value: Readonly<Record<string, unknown>> | null): string => (value === null ? '–' : JSON.stringify(value));

/** Who changed what, when, from what to what. */
export function ChangeList(): ReactNode {
  return (
    <ConsoleList title="Audit log" filters={FILTERS} emptyHint="Every change made here, by the command line or over HTTP is written down.">
      <DataTable size="small" bulkActionButtons={false} rowClick={false}>
        <Column label="At" disableSort render={(row) => <Moment at={row.at} isFocusable />} />
        <Column label="Who" disableSort render={(row) => row.actor} />
        <Column label="Action" disableSort render={(row) => row.action} />
        <Column label="What" disableSort render={(row) => <OneLine text={row.subject} />} />
        <Column label="Before" disableSort render={(row) => <OneLine text={toText(row.before)} />} />
        <Column label="After" disableSort render={(row) => <OneLine text={toText(row.after)} />} />
      </DataTable>
    </ConsoleList>
  );
}
