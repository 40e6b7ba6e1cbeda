import Box from '@mui/material/Box';
import MuiButton from '@mui/material/Button';
import Rating from '@mui/material/Rating';
import { useState, type ReactNode } from 'react';
import { Confirm, Link, usePermissions, useRedirect, type RaRecord } from 'react-admin';
import { Attempts, type Attempt } from '../attempts.tsx';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { Moment, StateChip } from '../cells.tsx';
import { DetailPage } from '../detail-page.tsx';
import { Facts, InertText, Section } from '../facts.tsx';
import { formatCount, formatName, formatUsd } from '../formats.ts';
import { ReceiptView, type Receipt } from '../receipt.tsx';
import { useAction, type Action } from '../use-action.tsx';

export interface MemoryDetail extends RaRecord {
  readonly id: string;
  readonly requestType: string;
  readonly scope: string;
  readonly promptText: string;
  readonly promptHash: string;
  readonly text: string | null;
  readonly audio: { readonly bytes: number; readonly seconds: number } | null;
  readonly provider: string;
  readonly model: string;
  readonly costNanoUsd: string | null;
  readonly verdict: string;
  readonly verdictBy: string | null;
  readonly isCurrent: boolean;
  readonly userRating: number | null;
  readonly usageCount: number;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly versions: readonly { readonly id: string; readonly verdict: string; readonly createdAt: string }[];
  readonly attempts: readonly Attempt[] | null;
  readonly receipt: Receipt | null;
}

const DESTRUCTIVE = {
  reject: { label: 'Reject', told: 'Rejected', question: 'It is never served or learned from again; the next request buys a new answer.' },
  forget: {
    label: 'Forget',
    told: 'Forgotten',
    question: 'The answer goes for good in all its versions, with its MP3 and training examples.',
  },
} as const;
/** Taken back as long as no newer answer has been bought. */
const UNDONE_BY: ReadonlySet<string> = new Set(['reject', 'stale']);
const UNDO_STATES: ReadonlySet<string> = new Set(['rejected', 'stale']);
type Destructive = keyof typeof DESTRUCTIVE;

function Actions({ memory }: { readonly memory: MemoryDetail }): ReactNode {
  const { permissions } = usePermissions<Role>();
  const redirect = useRedirect();
  const [asking, setAsking] = useState<Destructive | null>(null);
  const action = useAction(() => asking === 'forget' && redirect('list', 'memory'));
  if (!hasRole(permissions, 'reviewer')) return null;
  const actionOf = (name: string, told: string): Action => ({
    path: `/api/memory/actions/${name}`,
    body: { ids: [memory.id], reason: null },
    told: ({ done }) => (done === 1 ? told : 'Nothing changed'),
  });
  const act = (name: string, told: string): void =>
    action.mutate({
      ...actionOf(name, told),
      ...(UNDONE_BY.has(name) && { undo: () => actionOf('restore', 'Served again') }),
    });
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
      {memory.verdict === 'verified' ? (
        <MuiButton variant="outlined" size="small" disabled={action.isPending} onClick={() => act('unverify', 'Not verified any more')}>
          Take verification back
        </MuiButton>
      ) : (
        <MuiButton
          variant="contained"
          size="small"
          disabled={action.isPending || !memory.isCurrent}
          onClick={() => act('verify', 'Verified for training')}
        >
          Verify
        </MuiButton>
      )}
      <MuiButton size="small" disabled={action.isPending || !memory.isCurrent} onClick={() => act('stale', 'Marked stale')}>
        Mark stale
      </MuiButton>
      {UNDO_STATES.has(memory.verdict) && (
        <MuiButton size="small" variant="outlined" disabled={action.isPending} onClick={() => act('restore', 'Served again')}>
          Serve again
        </MuiButton>
      )}
      <MuiButton
        size="small"
        color="error"
        disabled={action.isPending || memory.verdict === 'rejected'}
        onClick={() => setAsking('reject')}
      >
        Reject
      </MuiButton>
      {hasRole(permissions, 'operator') && (
        <MuiButton size="small" color="error" disabled={action.isPending} onClick={() => setAsking('forget')}>
          Forget
        </MuiButton>
      )}
      <Rating
        name="rating"
        aria-label="Rate this answer"
        value={memory.userRating === null ? null : Number(memory.userRating)}
        onChange={(_, rating) =>
          rating !== null &&
          action.mutate({ path: `/api/memory/${memory.id}/rating`, body: { rating, comment: null }, told: () => 'Rated' })
        }
      />
      {asking !== null && (
        <Confirm
          isOpen
          title={`${DESTRUCTIVE[asking].label} this answer?`}
          content={DESTRUCTIVE[asking].question}
          onConfirm={() => {
            act(asking, DESTRUCTIVE[asking].told);
            if (asking !== 'forget') setAsking(null);
          }}
          onClose={() => setAsking(null)}
        />
      )}
    </Box>
  );
}

function Detail({ memory }: { readonly memory: MemoryDetail }): ReactNode {
  return (
    <Box sx={{ display: 'grid', gap: 2, p: 2 }}>
      <Actions memory={memory} />
      <Facts
        facts={[
          { label: 'Verdict', value: <StateChip state={memory.verdict} /> },
          { label: 'Served', value: memory.isCurrent ? 'yes' : 'no' },
          { label: 'Request type', value: formatName(memory.requestType) },
          { label: 'Model', value: `${memory.provider}/${memory.model}` },
          { label: 'Cost', value: formatUsd(memory.costNanoUsd) },
          { label: 'Reused', value: `${formatCount(memory.usageCount)} times` },
          { label: 'Made', value: <Moment at={memory.createdAt} /> },
          { label: 'Last used', value: <Moment at={memory.lastUsedAt} /> },
          { label: 'Scope', value: memory.scope },
          { label: 'Hash', value: memory.promptHash },
        ]}
      />
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' } }}>
        <Section title="Prompt">
          <InertText text={memory.promptText} />
        </Section>
        <Section title="Answer">
          {memory.text !== null && <InertText text={memory.text} />}
          {memory.audio !== null && (
            <Box
              component="audio"
              controls
              preload="metadata"
              src={`/api/memory/${memory.id}/audio`}
              aria-label="The speech"
              sx={{ width: '100%' }}
            />
          )}
        </Section>
      </Box>
      <Section title="Calls that were paid for it">
        <Attempts attempts={memory.attempts} />
      </Section>
      <Section title="Receipt">
        <ReceiptView receipt={memory.receipt} />
      </Section>
      {memory.versions.length > 1 && (
        <Section title="Answers to the same request">
          {memory.versions.map((version) => (
            <Box key={version.id} sx={{ display: 'flex', gap: 1, alignItems: 'center', py: 0.5 }}>
              <Link to={`/memory/${version.id}/show`}>
                <Moment at={version.createdAt} />
              </Link>
              <StateChip state={version.verdict} />
              {version.id === memory.id ? 'this one' : <Link to={`/memory-compare?left=${memory.id}&right=${version.id}`}>compare</Link>}
            </Box>
          ))}
        </Section>
      )}
    </Box>
  );
}

/** One remembered answer: what it says, what it cost, what becomes of it. */
export function MemoryShow(): ReactNode {
  return (
    <DetailPage<MemoryDetail> title="Remembered answer" whole="versions">
      {(memory) => <Detail memory={memory} />}
    </DetailPage>
  );
}
