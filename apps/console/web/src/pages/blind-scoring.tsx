import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import MuiButton from '@mui/material/Button';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link, Title, useNotify } from 'react-admin';
import { callApi } from '../call-api.ts';
import { EmptyList, StateChip } from '../cells.tsx';
import { InertText, Section } from '../facts.tsx';
import { formatCount, formatName } from '../formats.ts';
import { Key, KeySheet } from '../key-sheet.tsx';
import { isSimulated } from '../simulated.ts';
import { useKeys } from '../use-keys.ts';

interface Pair {
  readonly id: string;
  readonly requestType: string;
  readonly prompt: string;
  readonly first: string;
  readonly second: string;
}
interface Progress {
  readonly evaluationId: string;
  readonly version: string;
  readonly pairs: number;
  readonly chosen: number;
  readonly gate: string | null;
}
type Choice = 'first' | 'second' | 'tie';
interface Chosen {
  readonly pair: Pair;
  /** null = taken back. */
  readonly choice: Choice | null;
}

const KEYS = [
  ['1 ←', 'The first answer is better'],
  ['2 →', 'The second answer is better'],
  ['0 =', 'Both are as good'],
  ['S', 'Skip: somebody else may know better'],
  ['U', 'Undo the last choice'],
  ['?', 'This sheet'],
] as const;
const PROGRESS = ['blind', 'progress'];

/** How far people are with each evaluation. */
function ProgressList(): ReactNode {
  const simulated = isSimulated();
  const { data } = useQuery({
    queryKey: [...PROGRESS, simulated],
    queryFn: async () => (await callApi<{ rows: readonly Progress[] }>(`/api/blind-progress?simulated=${String(simulated)}`)).rows,
  });
  const rows = (data ?? []).filter(({ pairs }) => pairs > 0);
  if (rows.length === 0) return null;
  return (
    <Section title="Evaluations">
      <Box sx={{ display: 'grid', gap: 1.5 }}>
        {rows.map(({ evaluationId, version, pairs, chosen, gate }) => (
          <Box
            key={evaluationId}
            sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', sm: '180px 1fr auto' }, gap: 1, alignItems: 'center' }}
          >
            <Link to={`/training-runs/${encodeURIComponent(version)}/show`}>{version}</Link>
            <LinearProgress
              variant="determinate"
              value={(100 * chosen) / pairs}
              aria-label={`${chosen} of ${pairs} pairs of ${version}`}
              sx={{ height: 6, borderRadius: 3, bgcolor: 'divider' }}
            />
            <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
              <Typography variant="body2" color="textSecondary">{`${formatCount(chosen)} of ${formatCount(pairs)}`}</Typography>
              <StateChip state={gate ?? 'none'} />
            </Box>
          </Box>
        ))}
      </Box>
    </Section>
  );
}

/** Two answers to one prompt, without their makers: which is better? */
export function BlindScoring(): ReactNode {
  const simulated = isSimulated();
  const notify = useNotify();
  const client = useQueryClient();
  const [skipped, setSkipped] = useState<readonly string[]>([]);
  const [last, setLast] = useState<Chosen | null>(null);
  const [isHelping, setHelping] = useState(false);
  const queryKey = ['blind', 'pairs', simulated];
  const { data, isLoading } = useQuery({
    queryKey,
    queryFn: async () => (await callApi<{ rows: readonly Pair[] }>(`/api/blind-pairs?limit=50&simulated=${String(simulated)}`)).rows,
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const pairs = data ?? [];
  const pair = pairs.find(({ id }) => !skipped.includes(id));
  const setPairs = (change: (rows: readonly Pair[]) => readonly Pair[]): readonly Pair[] => {
    const changed = change(client.getQueryData<readonly Pair[]>(queryKey) ?? []);
    client.setQueryData(queryKey, changed);
    return changed;
  };
  const sending = useMutation({
    async mutationFn({ pair: { id }, choice }: Chosen) {
      // A list that is being read would come back as it was before.
      await client.cancelQueries({ queryKey });
      await callApi(`/api/blind-pairs/${id}`, { method: 'POST', body: { choice } });
    },
    onSuccess(_, { pair: done, choice }) {
      setLast(choice === null ? null : { pair: done, choice });
      const left = setPairs((all) => (choice === null ? [done, ...all] : all.filter(({ id }) => id !== done.id)));
      if (left.length === 0) void client.invalidateQueries({ queryKey });
      void client.invalidateQueries({ queryKey: PROGRESS });
    },
    onError(error, { pair: refused }) {
      notify(error.message, { type: 'error' });
      setPairs((all) => all.filter(({ id }) => id !== refused.id));
    },
  });
  const choose = (choice: Choice): void => {
    if (pair !== undefined && !sending.isPending) sending.mutate({ pair, choice });
  };
  const undo = (): void => {
    if (last !== null && !sending.isPending) sending.mutate({ pair: last.pair, choice: null });
  };
  const skip = (): void => {
    if (pair !== undefined) setSkipped([...skipped, pair.id]);
  };
  const keys = { first: () => choose('first'), second: () => choose('second'), tie: () => choose('tie') };
  useKeys(
    {
      '1': keys.first,
      ArrowLeft: keys.first,
      '2': keys.second,
      ArrowRight: keys.second,
      '0': keys.tie,
      '=': keys.tie,
      s: skip,
      u: undo,
      '?': () => setHelping(true),
    },
    isHelping,
  );
  return (
    <Box sx={{ display: 'grid', gap: 2, py: 1, minWidth: 0 }} data-blind>
      <Title title="Blind scoring" />
      {isLoading && <Skeleton variant="rounded" height={320} />}
      {!isLoading && pair === undefined && (
        <Section title="Pairs">
          <EmptyList
            title="No pair to compare"
            hint={
              skipped.length > 0 && pairs.length > 0
                ? 'Only pairs that you have skipped are left.'
                : 'Evaluate a trained model under Training runs: its answers and those of the model in service are compared here.'
            }
            action={
              skipped.length > 0 && pairs.length > 0 ? (
                <MuiButton size="small" onClick={() => setSkipped([])}>
                  Show them again
                </MuiButton>
              ) : last !== null ? (
                <MuiButton size="small" onClick={undo} endIcon={<Key name="U" />}>
                  Undo the last choice
                </MuiButton>
              ) : null
            }
          />
        </Section>
      )}
      {pair !== undefined && (
        <>
          <Section title={`Asked for: ${formatName(pair.requestType)}`}>
            <InertText text={pair.prompt} />
          </Section>
          <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' } }}>
            {(['first', 'second'] as const).map((side, index) => (
              <Section key={side} title={index === 0 ? 'First answer' : 'Second answer'}>
                <Box sx={{ display: 'grid', gap: 2, alignContent: 'space-between' }}>
                  <InertText text={pair[side]} />
                  <MuiButton
                    variant="outlined"
                    disabled={sending.isPending}
                    onClick={keys[side]}
                    endIcon={<Key name={String(index + 1)} />}
                  >
                    {index === 0 ? 'First is better' : 'Second is better'}
                  </MuiButton>
                </Box>
              </Section>
            ))}
          </Box>
          <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, justifyContent: 'center' }}>
            <MuiButton variant="outlined" disabled={sending.isPending} onClick={keys.tie} endIcon={<Key name="0" />}>
              As good
            </MuiButton>
            <MuiButton onClick={skip} endIcon={<Key name="S" />}>
              Skip
            </MuiButton>
            <MuiButton disabled={last === null || sending.isPending} onClick={undo} endIcon={<Key name="U" />}>
              Undo
            </MuiButton>
            <MuiButton onClick={() => setHelping(true)} endIcon={<Key name="?" />}>
              Keys
            </MuiButton>
          </Box>
        </>
      )}
      <ProgressList />
      {isHelping && <KeySheet keys={KEYS} onClose={() => setHelping(false)} />}
    </Box>
  );
}
