import HelpIcon from '@mui/icons-material/KeyboardOutlined';
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import MuiButton from '@mui/material/Button';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { useRef, useState, type ReactNode } from 'react';
import { Link, Title, usePermissions } from 'react-admin';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { EmptyList } from '../cells.tsx';
import { Facts, InertText, Section } from '../facts.tsx';
import { formatCount, formatName } from '../formats.ts';
import { Key, KeySheet } from '../key-sheet.tsx';
import { LabelFields } from '../label-fields.tsx';
import { TrainingGoal } from '../training-goal.tsx';
import { useKeys } from '../use-keys.ts';
import { useReview, type Suggestion } from '../use-review.ts';

const KEYS = [
  ['V', 'Verify: it may be learned from'],
  ['D', 'Decline the suggestion; the answer stays as it is'],
  ['R', 'Reject the answer: never served or learned from again'],
  ['U', 'Undo the last decision'],
  ['1 2 3', 'Difficulty: easy, medium, hard'],
  ['+ −', 'Weight up or down by a half'],
  ['T', 'Write tags; Escape ends it'],
  ['J K', 'Next or previous without a decision'],
  ['?', 'This sheet'],
] as const;
const STEP = 0.5;
const LEAST_WEIGHT = 0.5;
const MOST_WEIGHT = 100;

function Warnings({ row }: { readonly row: Suggestion }): ReactNode {
  const warnings = [
    ...(row.doubles > 0
      ? [`${row.doubles} verified ${row.doubles === 1 ? 'answer' : 'answers'} to the same question: the best rated is exported`]
      : []),
    ...(row.leaks ? ['The same prompt is verified on the other side of training and validation'] : []),
    ...(row.hasPersonalData ? ['Personal data was found: an export leaves it out'] : []),
  ];
  return warnings.map((warning) => <Chip key={warning} size="small" color="warning" variant="outlined" label={warning} />);
}

function Choice({ name, label, onClick, ...props }: ChoiceProps): ReactNode {
  return (
    <MuiButton size="small" onClick={onClick} endIcon={<Key name={name} />} {...props}>
      {label}
    </MuiButton>
  );
}
interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly variant?: 'contained' | 'outlined';
  readonly color?: 'primary' | 'error';
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

/** Suggestions one after another, decided by single keys. */
export function ReviewQueue(): ReactNode {
  const { permissions } = usePermissions<Role>();
  const isReviewer = hasRole(permissions, 'reviewer');
  const review = useReview();
  const [isHelping, setHelping] = useState(false);
  const tagField = useRef<HTMLInputElement>(null);
  const { current } = review;
  const weigh = (by: number): void => {
    if (current === undefined) return;
    review.label({ weight: Math.min(MOST_WEIGHT, Math.max(LEAST_WEIGHT, current.trainingWeight + by)) });
  };
  useKeys(
    {
      '?': () => setHelping(true),
      j: review.next,
      k: review.previous,
      ArrowRight: review.next,
      ArrowLeft: review.previous,
      ...(isReviewer && {
        v: () => review.decide('verify'),
        d: () => review.decide('decline'),
        r: () => review.decide('reject'),
        u: review.undo,
        '1': () => review.label({ difficulty: 'easy' }),
        '2': () => review.label({ difficulty: 'medium' }),
        '3': () => review.label({ difficulty: 'hard' }),
        '+': () => weigh(STEP),
        '-': () => weigh(-STEP),
        t: () => tagField.current?.focus(),
      }),
    },
    isHelping,
  );
  return (
    <Box sx={{ display: 'grid', gap: 2, py: 1, minWidth: 0 }} data-review>
      <Title title="Review queue" />
      <TrainingGoal />
      {review.isLoading && <Skeleton variant="rounded" height={320} />}
      {!review.isLoading && current === undefined && (
        <Section title="Suggestions">
          <EmptyList
            title="Nothing to review"
            hint="Answers that are rated well and reused often are suggested once a day. Verify any answer under AI memory."
            action={
              isReviewer && review.canUndo ? (
                <MuiButton size="small" onClick={review.undo} endIcon={<Key name="U" />}>
                  Undo the last decision
                </MuiButton>
              ) : null
            }
          />
        </Section>
      )}
      {current !== undefined && (
        <>
          <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
            {isReviewer && (
              <>
                <Choice name="V" label="Verify" variant="contained" disabled={review.isBusy} onClick={() => review.decide('verify')} />
                <Choice name="D" label="Decline" variant="outlined" disabled={review.isBusy} onClick={() => review.decide('decline')} />
                <Choice name="R" label="Reject" color="error" disabled={review.isBusy} onClick={() => review.decide('reject')} />
                <Choice name="U" label="Undo" disabled={review.isBusy || !review.canUndo} onClick={review.undo} />
              </>
            )}
            <MuiButton size="small" startIcon={<HelpIcon />} onClick={() => setHelping(true)}>
              Keys
            </MuiButton>
            <Typography color="textSecondary" aria-live="polite" sx={{ ml: 'auto' }}>
              {`${review.place} of ${review.count} here`}
            </Typography>
          </Box>
          <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, '&:empty': { display: 'none' } }}>
            <Warnings row={current} />
          </Box>
          <Box
            sx={{
              display: 'grid',
              gap: 2,
              gridTemplateColumns: {
                xs: 'minmax(0, 1fr)',
                md: 'repeat(2, minmax(0, 1fr))',
                lg: 'minmax(0, 3fr) minmax(0, 3fr) minmax(0, 2fr)',
              },
              alignItems: 'start',
            }}
          >
            <Section title="Prompt">
              <InertText text={current.prompt} />
            </Section>
            <Section title="Answer">
              <InertText text={current.answer} />
            </Section>
            <Section title="Labels">
              <Box sx={{ display: 'grid', gap: 2 }}>
                <LabelFields
                  labels={{ weight: current.trainingWeight, difficulty: current.difficulty, tags: current.tags }}
                  disabled={!isReviewer}
                  tagField={tagField}
                  onChange={review.label}
                />
                <Facts
                  facts={[
                    { label: 'Request type', value: formatName(current.requestType) },
                    { label: 'Model', value: `${current.provider}/${current.model}` },
                    {
                      label: 'Rating',
                      value: current.userRating === null ? '–' : `${Number(current.userRating).toFixed(1)} by ${current.ratingCount}`,
                    },
                    { label: 'Reused', value: `${formatCount(current.usageCount)} times` },
                    { label: 'Goes to', value: current.split },
                    { label: 'All of it', value: <Link to={`/memory/${current.memoryId}/show`}>the answer</Link> },
                  ]}
                />
              </Box>
            </Section>
          </Box>
        </>
      )}
      {isHelping && <KeySheet keys={KEYS} onClose={() => setHelping(false)} />}
    </Box>
  );
}
