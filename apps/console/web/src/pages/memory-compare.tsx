import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, Title } from 'react-admin';
import { useSearchParams } from 'react-router-dom';
import { callApi } from '../call-api.ts';
import { EmptyList, Moment, StateChip } from '../cells.tsx';
import { Facts, InertText, Section } from '../facts.tsx';
import { formatCount, formatName, formatUsd } from '../formats.ts';
import type { MemoryDetail } from './memory-show.tsx';

function useAnswer(id: string) {
  return useQuery({
    // Not react-admin's own key: its lists put rows with fewer fields there.
    queryKey: ['whole-memory', id],
    queryFn: () => callApi<MemoryDetail>(`/api/memory/${encodeURIComponent(id)}`),
    retry: false,
  });
}

function Answer({ memory }: { readonly memory: MemoryDetail }): ReactNode {
  return (
    <Section title={`${memory.provider}/${memory.model}`}>
      <Box sx={{ display: 'grid', gap: 2 }}>
        <Facts
          facts={[
            { label: 'Verdict', value: <StateChip state={memory.verdict} /> },
            { label: 'Served', value: memory.isCurrent ? 'yes' : 'no' },
            { label: 'Rating', value: memory.userRating === null ? '–' : Number(memory.userRating).toFixed(1) },
            { label: 'Reused', value: `${formatCount(memory.usageCount)} times` },
            { label: 'Cost', value: formatUsd(memory.costNanoUsd) },
            { label: 'Length', value: memory.text === null ? '–' : `${formatCount(memory.text.length)} characters` },
            { label: 'Made', value: <Moment at={memory.createdAt} /> },
            { label: 'All of it', value: <Link to={`/memory/${memory.id}/show`}>the answer</Link> },
          ]}
        />
        {memory.text !== null && <InertText text={memory.text} />}
        {memory.audio !== null && (
          <Box
            component="audio"
            controls
            preload="metadata"
            src={`/api/memory/${memory.id}/audio`}
            aria-label={`The speech of ${memory.model}`}
            sx={{ width: '100%' }}
          />
        )}
      </Box>
    </Section>
  );
}

/** Two remembered answers side by side. */
export function MemoryCompare(): ReactNode {
  const [sides] = useSearchParams();
  const [leftId, rightId] = [sides.get('left') ?? '', sides.get('right') ?? ''];
  const left = useAnswer(leftId);
  const right = useAnswer(rightId);
  const error = left.error ?? right.error;
  return (
    <Box sx={{ display: 'grid', gap: 2, py: 1, minWidth: 0, gridTemplateColumns: 'minmax(0, 1fr)' }} data-compare>
      <Title title="Two answers" />
      {(leftId === '' || rightId === '') && (
        <EmptyList title="Nothing to compare" hint="Choose two answers under AI memory, then Compare." />
      )}
      {leftId !== '' && error !== null && <Alert severity="error">{error.message}</Alert>}
      {error === null && (left.data === undefined || right.data === undefined) && <Skeleton variant="rounded" height={320} />}
      {left.data !== undefined && right.data !== undefined && (
        <>
          {left.data.promptHash === right.data.promptHash ? (
            <Section title={`Asked for: ${formatName(left.data.requestType)}`}>
              <InertText text={left.data.promptText} />
            </Section>
          ) : (
            <Typography color="textSecondary">They answer different requests.</Typography>
          )}
          <Box
            sx={{
              display: 'grid',
              gap: 2,
              gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' },
              alignItems: 'start',
            }}
          >
            {[left.data, right.data].map((memory) => (
              <Box key={memory.id} sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>
                {left.data.promptHash !== right.data.promptHash && (
                  <Section title={formatName(memory.requestType)}>
                    <InertText text={memory.promptText} />
                  </Section>
                )}
                <Answer memory={memory} />
              </Box>
            ))}
          </Box>
        </>
      )}
    </Box>
  );
}
