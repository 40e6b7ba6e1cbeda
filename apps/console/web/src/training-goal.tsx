import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { callApi } from './call-api.ts';
import { Section } from './facts.tsx';
import { formatCount } from './formats.ts';
import { isSimulated } from './simulated.ts';

interface Counts {
  readonly verified: number;
  readonly suggested: number;
  readonly validation: number;
  readonly included: number;
  readonly pairs: number;
  readonly duplicates: number;
  readonly leaks: number;
}

/** So many examples make a first training worth while, and so many a good one. */
const GOAL = { first: 5_000, good: 10_000 } as const;

function Note({ label, color = 'default' }: { readonly label: string; readonly color?: 'default' | 'warning' | 'error' }): ReactNode {
  return <Chip size="small" variant="outlined" color={color} label={label} />;
}

/** How far the training data is from its goal, how it is divided, and what an export would complain about. */
export function TrainingGoal(): ReactNode {
  const simulated = isSimulated();
  const { data } = useQuery({
    queryKey: ['training-data', 'counts', simulated],
    queryFn: () => callApi<Counts>(`/api/training-counts?simulated=${String(simulated)}`),
  });
  const { verified, suggested, validation, included, pairs, duplicates, leaks } = data ?? {
    verified: 0,
    suggested: 0,
    validation: 0,
    included: 0,
    pairs: 0,
    duplicates: 0,
    leaks: 0,
  };
  const share = Math.min(100, (100 * verified) / GOAL.good);
  return (
    <Section title="Ready to train with">
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', gap: 1, mb: 1 }}>
        <Typography variant="h5" component="p" data-verified>
          {formatCount(verified)}
        </Typography>
        <Typography color="textSecondary">
          verified of {formatCount(GOAL.first)} for a first training, {formatCount(GOAL.good)} for a good one
        </Typography>
      </Box>
      <LinearProgress
        variant="determinate"
        value={share}
        aria-label={`${verified} of ${GOAL.good} examples`}
        sx={{ height: 8, borderRadius: 4, mb: 1.5, bgcolor: 'divider' }}
      />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
        <Note label={`${formatCount(verified - validation)} train, ${formatCount(validation)} validation`} />
        <Note label={`${formatCount(suggested)} to review`} />
        <Note label={`${formatCount(included)} trained with already`} />
        <Note label={`${formatCount(pairs)} with a rejected answer`} />
        {duplicates > 0 && <Note color="warning" label={`${formatCount(duplicates)} double: the better of each is exported`} />}
        {leaks > 0 && <Note color="error" label={`${formatCount(leaks)} prompts on both sides`} />}
      </Box>
    </Section>
  );
}
