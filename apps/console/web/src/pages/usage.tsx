import { useState, type ReactNode } from 'react';
import { DataTable, SelectInput, TextInput, type RaRecord } from 'react-admin';
import { ActionButton } from '../action-button.tsx';
import { Moment, StateChip } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { formatCount, formatMs, formatName, formatUsd } from '../formats.ts';
import { ReceiptDialog } from '../receipt-dialog.tsx';

interface UsageRow extends RaRecord {
  readonly at: string;
  readonly rowKind: string;
  readonly jobId: string | null;
  readonly requestType: string;
  readonly userId: string;
  readonly caller: string;
  readonly provider: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costNanoUsd: string | null;
  readonly savedNanoUsd: string;
  readonly latencyMs: number;
  readonly source: string;
  readonly success: boolean;
  readonly errorCode: string | null;
}

const Column = DataTable.Col<UsageRow>;
const SOURCES = ['provider', 'memory', 'in_flight', 'batch', 'late', 'unknown'].map((id) => ({ id, name: formatName(id) }));
const OUTCOMES = [
  { id: 'true', name: 'Success' },
  { id: 'false', name: 'Failure' },
];
const FILTERS = [
  <SelectInput key="source" source="source" choices={SOURCES} alwaysOn />,
  <SelectInput key="success" source="success" label="Outcome" choices={OUTCOMES} alwaysOn />,
  <TextInput key="type" source="requestType" label="Request type" />,
  <TextInput key="provider" source="provider" />,
  <TextInput key="user" source="userId" label="User" />,
];

/** Every request and every call, with what it cost and what it saved. */
export function UsageList(): ReactNode {
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <ConsoleList
      title="Usage log"
      filters={FILTERS}
      emptyHint="Every request leaves a row here, also when it is answered from memory. Send one, or look at simulated work with the switch above."
    >
      <DataTable size="small" bulkActionButtons={false} rowClick={false}>
        <Column label="Receipt" disableSort render={(row) => <ActionButton label="Show" onClick={() => setChosen(String(row.id))} />} />
        <Column label="At" disableSort render={(row) => <Moment at={row.at} />} />
        <Column label="Row" disableSort render={(row) => row.rowKind} />
        <Column label="Source" disableSort render={(row) => formatName(row.source)} />
        <Column label="Type" disableSort render={(row) => formatName(row.requestType)} />
        <Column label="Model" disableSort render={(row) => (row.model === '' ? '–' : `${row.provider}/${row.model}`)} />
        <Column label="Caller" disableSort render={(row) => row.caller} />
        <Column label="User" disableSort render={(row) => row.userId} />
        <Column
          label="Tokens"
          disableSort
          align="right"
          render={(row) => <span title="in / out">{`${formatCount(row.inputTokens)} / ${formatCount(row.outputTokens)}`}</span>}
        />
        <Column label="Cost" disableSort align="right" render={(row) => formatUsd(row.costNanoUsd)} />
        <Column label="Saved" disableSort align="right" render={(row) => formatUsd(row.savedNanoUsd)} />
        <Column label="Latency" disableSort align="right" render={(row) => formatMs(row.latencyMs)} />
        <Column label="Outcome" disableSort render={(row) => <StateChip state={row.success ? 'done' : (row.errorCode ?? 'failed')} />} />
      </DataTable>
      {chosen !== null && <ReceiptDialog id={chosen} onClose={() => setChosen(null)} />}
    </ConsoleList>
  );
}
