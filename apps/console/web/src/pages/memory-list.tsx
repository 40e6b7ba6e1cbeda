import type { ReactNode } from 'react';
import { DataTable, NumberInput, SearchInput, SelectInput, TextInput, usePermissions, type RaRecord } from 'react-admin';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { Moment, OneLine, RowLink, StateChip } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { formatCount, formatName, formatUsd } from '../formats.ts';
import { MemoryBulkActions } from '../memory-bulk-actions.tsx';

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
const WHERE = [{ id: 'true', name: 'in answers too' }];
const VERSIONS = [{ id: 'true', name: 'All versions' }];
const FILTERS = [
  <SearchInput key="search" source="search" placeholder="Words of the prompt" alwaysOn />,
  <SelectInput key="verdict" source="verdict" choices={VERDICTS} alwaysOn />,
  <SelectInput key="kind" source="kind" choices={KINDS} />,
  <TextInput key="type" source="requestType" label="Request type" />,
  <TextInput key="provider" source="provider" />,
  <TextInput key="model" source="model" />,
  <TextInput key="scope" source="scope" helperText="shared, or for example user:42" />,
  <SelectInput key="answers" source="inAnswers" label="Search" choices={WHERE} />,
  <NumberInput key="min-rating" source="minRating" label="Rated at least" min={0} max={5} />,
  <NumberInput key="max-rating" source="maxRating" label="Rated at most" min={0} max={5} />,
  <NumberInput key="uses" source="minUses" label="Reused at least" min={0} />,
  <NumberInput key="newer" source="newerThanDays" label="Made within days" min={1} />,
  <NumberInput key="unused" source="unusedForDays" label="Unused for days" min={1} />,
  <SelectInput key="versions" source="allVersions" label="Versions" choices={VERSIONS} />,
];

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
