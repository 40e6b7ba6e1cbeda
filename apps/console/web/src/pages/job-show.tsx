import Box from '@mui/material/Box';
import MuiButton from '@mui/material/Button';
import type { ReactNode } from 'react';
import { Link, usePermissions, type RaRecord } from 'react-admin';
import { Attempts, type Attempt } from '../attempts.tsx';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { Moment, StateChip } from '../cells.tsx';
import { DetailPage } from '../detail-page.tsx';
import { Facts, Section } from '../facts.tsx';
import { formatName } from '../formats.ts';
import { useAction } from '../use-action.tsx';

interface JobDetail extends RaRecord {
  readonly id: string;
  readonly state: string;
  readonly requestType: string;
  readonly provider: string;
  readonly model: string;
  readonly queue: string;
  readonly caller: string;
  readonly callers: number;
  readonly lane: string;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly memoryId: string | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly candidates: readonly { readonly provider: string; readonly model: string }[];
  readonly history: readonly Attempt[];
}

const RETRIED: ReadonlySet<string> = new Set(['failed', 'cancelled']);
const CANCELLED: ReadonlySet<string> = new Set(['queued', 'running', 'parked', 'batched']);

function Detail({ job }: { readonly job: JobDetail }): ReactNode {
  const { permissions } = usePermissions<Role>();
  const action = useAction();
  const act = (name: string, told: string): void =>
    action.mutate({
      path: `/api/jobs/actions/${name}`,
      body: { ids: [job.id] },
      told: ({ done }) => (done === 1 ? told : 'Nothing changed'),
    });
  return (
    <Box sx={{ display: 'grid', gap: 2, p: 2 }}>
      {hasRole(permissions, 'operator') && (
        <Box sx={{ display: 'flex', gap: 1 }}>
          <MuiButton
            size="small"
            variant="contained"
            disabled={action.isPending || !RETRIED.has(job.state)}
            onClick={() => act('retry', 'Queued again')}
          >
            Retry
          </MuiButton>
          <MuiButton size="small" disabled={action.isPending || !CANCELLED.has(job.state)} onClick={() => act('cancel', 'Cancelled')}>
            Cancel
          </MuiButton>
        </Box>
      )}
      <Facts
        facts={[
          { label: 'State', value: <StateChip state={job.state} /> },
          { label: 'Request type', value: formatName(job.requestType) },
          { label: 'Model', value: `${job.provider}/${job.model}` },
          { label: 'Queue', value: job.queue },
          { label: 'Caller', value: job.caller },
          { label: 'Waiting for it', value: job.callers },
          { label: 'Asked', value: <Moment at={job.createdAt} /> },
          { label: 'Ended', value: <Moment at={job.finishedAt} /> },
          { label: 'Answer', value: job.memoryId === null ? '–' : <Link to={`/memory/${job.memoryId}/show`}>remembered</Link> },
          { label: 'Error', value: job.errorCode === null ? '–' : `${job.errorCode}: ${job.errorMessage ?? ''}` },
          { label: 'Models in order', value: job.candidates.map(({ provider, model }) => `${provider}/${model}`).join(', ') },
        ]}
      />
      <Section title="Calls">
        <Attempts attempts={job.history} />
      </Section>
    </Box>
  );
}

/** One job with every call that was made for it. */
export function JobShow(): ReactNode {
  return (
    <DetailPage<JobDetail> title="Job" whole="history">
      {(job) => <Detail job={job} />}
    </DetailPage>
  );
}
