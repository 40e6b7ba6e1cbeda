import Box from '@mui/material/Box';
import MuiButton from '@mui/material/Button';
import { useState, type ReactNode } from 'react';
import { Confirm, usePermissions, type RaRecord } from 'react-admin';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { StateChip } from '../cells.tsx';
import { DetailPage } from '../detail-page.tsx';
import { Facts, Section } from '../facts.tsx';
import { formatCount, formatMs, formatName, formatUsd } from '../formats.ts';
import { ModelsTable } from '../models-table.tsx';
import { formatInterval, type Interval } from '../training-run.ts';
import { useAction } from '../use-action.tsx';

interface Arm {
  readonly provider: string;
  readonly model: string;
  readonly answers: number;
  readonly failures: number;
  readonly quality: Interval | null;
  readonly scores: number;
  readonly costNanoUsd: string;
  readonly costPerAnswerNanoUsd: string;
  readonly averageLatencyMs: number;
  readonly p95LatencyMs: number;
}
interface Report extends RaRecord {
  readonly id: string;
  readonly state: string;
  readonly requestTypes: readonly string[];
  readonly candidateShare: number;
  readonly control: Arm;
  readonly candidate: Arm;
  readonly savedNanoUsd: string;
}

const COLUMNS = ['Answers', 'Failures', 'Quality', 'Scores', 'Cost each', 'Cost', 'Latency', 'p95'];

function toRow(name: string, arm: Arm): { readonly name: string; readonly values: readonly string[] } {
  return {
    name: `${name}: ${arm.provider}/${arm.model}`,
    values: [
      formatCount(arm.answers),
      formatCount(arm.failures),
      arm.quality === null ? 'unknown' : formatInterval(arm.quality),
      formatCount(arm.scores),
      formatUsd(arm.costPerAnswerNanoUsd),
      formatUsd(arm.costNanoUsd),
      formatMs(arm.averageLatencyMs),
      formatMs(arm.p95LatencyMs),
    ],
  };
}

function Detail({ report }: { readonly report: Report }): ReactNode {
  const { permissions } = usePermissions<Role>();
  const [isAsking, setAsking] = useState(false);
  const action = useAction(() => setAsking(false));
  return (
    <Box sx={{ display: 'grid', gap: 2, p: 2, minWidth: 0 }}>
      {hasRole(permissions, 'operator') && report.state === 'running' && (
        <Box>
          <MuiButton size="small" variant="outlined" color="error" onClick={() => setAsking(true)}>
            Stop
          </MuiButton>
          <Confirm
            isOpen={isAsking}
            title={`Stop ${report.id}?`}
            content="Prompts are chosen for as before it began. The report stays."
            onConfirm={() =>
              action.mutate({ path: `/api/experiments/${encodeURIComponent(report.id)}/stop`, told: () => `${report.id} has stopped` })
            }
            onClose={() => setAsking(false)}
          />
        </Box>
      )}
      <Facts
        facts={[
          { label: 'Name', value: report.id },
          { label: 'State', value: <StateChip state={report.state} /> },
          { label: 'Candidate gets', value: `${report.candidateShare} %` },
          { label: 'Of', value: report.requestTypes.length === 0 ? 'all request types' : report.requestTypes.map(formatName).join(', ') },
          { label: 'Saved by the candidate', value: formatUsd(report.savedNanoUsd) },
        ]}
      />
      <Section title="Report">
        <ModelsTable
          label="Both models"
          columns={COLUMNS}
          rows={[toRow('control', report.control), toRow('candidate', report.candidate)]}
        />
      </Section>
    </Box>
  );
}

/** How both models of an experiment did. */
export function ExperimentShow(): ReactNode {
  return (
    <DetailPage<Report> title="Experiment" whole="savedNanoUsd">
      {(report) => <Detail report={report} />}
    </DetailPage>
  );
}
