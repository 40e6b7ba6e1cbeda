import type { ReactNode } from 'react';
import { DataTable } from 'react-admin';
import { Moment, OneLine, RowLink, StateChip } from '../cells.tsx';
import { ConsoleList } from '../console-list.tsx';
import { formatCount, formatPercent, formatUsd } from '../formats.ts';
import { formatFigure, type TrainingRunRow } from '../training-run.ts';

const Column = DataTable.Col<TrainingRunRow>;

/** Every model that was trained, or is being. */
export function TrainingRunList(): ReactNode {
  return (
    <ConsoleList
      title="Training runs"
      emptyHint="Verify answers, export them under Training data, then order a training: ai-core train --base-model … --data-file … --batch-id … --model-version …"
    >
      <DataTable size="small" rowClick="show" bulkActionButtons={false}>
        <Column
          label="Version"
          disableSort
          render={(row) => <RowLink to={`/training-runs/${encodeURIComponent(row.id)}/show`}>{row.id}</RowLink>}
        />
        <Column label="State" disableSort render={(row) => <StateChip state={row.is_active ? 'active' : row.status} />} />
        <Column label="Base model" disableSort render={(row) => <OneLine text={row.base_model} width={200} />} />
        <Column label="Trainer" disableSort render={(row) => row.training_provider} />
        <Column
          label="Examples"
          disableSort
          align="right"
          render={(row) => (
            <span title="train / validation">{`${formatCount(row.training_size)} / ${formatCount(row.validation_size)}`}</span>
          )}
        />
        <Column label="Loss" disableSort align="right" render={(row) => formatFigure(row.validation_loss ?? row.training_loss)} />
        <Column
          label="Accuracy"
          disableSort
          align="right"
          render={(row) => (row.validation_accuracy === null ? '–' : formatPercent(row.validation_accuracy))}
        />
        <Column label="Cost" disableSort align="right" render={(row) => formatUsd(row.training_cost_nano_usd)} />
        <Column label="Ordered" disableSort render={(row) => <Moment at={row.created_at} />} />
        <Column label="Ended" disableSort render={(row) => <Moment at={row.finished_at} />} />
      </DataTable>
    </ConsoleList>
  );
}
