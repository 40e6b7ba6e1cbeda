import Box from '@mui/material/Box';
import MuiButton from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Confirm, Title, usePermissions } from 'react-admin';
import { hasRole } from '../auth-provider.ts';
import { callApi, type Role } from '../call-api.ts';
import { EmptyList, Moment } from '../cells.tsx';
import { Facts, Section } from '../facts.tsx';
import { formatCount, formatName, formatUsd } from '../formats.ts';
import { isSimulated } from '../simulated.ts';
import { formatInterval, type Interval } from '../training-run.ts';
import { useAction } from '../use-action.tsx';

interface Measured {
  readonly provider: string;
  readonly model: string;
  readonly scores: number;
  readonly quality: Interval | null;
}
interface ProposalRow {
  readonly requestType: string;
  readonly tier: string;
  readonly now: Measured;
  readonly floor: number;
  readonly monthlyCalls: number;
  readonly monthlyCostNanoUsd: string | null;
  readonly proposal: {
    readonly tier: string;
    readonly provider: string;
    readonly model: string;
    readonly monthlySavingNanoUsd: string;
  } | null;
  readonly judged: readonly {
    readonly tier: string;
    readonly provider: string | null;
    readonly model: string | null;
    readonly scores: number;
    readonly quality: Interval | null;
    readonly refusal: string | null;
  }[];
}
interface Choice {
  readonly id: string;
  readonly requestType: string;
  readonly fromTier: string;
  readonly toTier: string;
  readonly to: { readonly provider: string; readonly model: string };
  readonly monthlySavingNanoUsd: string;
  readonly appliedBy: string;
  readonly appliedAt: string;
  readonly undoneBy: string | null;
  readonly undoneAt: string | null;
}

const KEY = ['tier-proposals'];
const REFUSALS: Readonly<Record<string, string>> = {
  no_model: 'has no model that can be used',
  price_unknown: 'has no known price',
  not_cheaper: 'is not cheaper',
  too_few_scores: 'was rated too little',
  below_floor: 'is not surely good enough',
};

interface AskProps {
  readonly label: string;
  readonly title: string;
  readonly content: string;
  readonly path: string;
  readonly requestType: string;
  readonly told: string;
}

/** One act on the tier of a request type, after a question. */
function Ask({ label, title, content, path, requestType, told }: AskProps): ReactNode {
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const action = useAction(() => void client.invalidateQueries({ queryKey: KEY }));
  return (
    <>
      <MuiButton size="small" variant="outlined" disabled={action.isPending} onClick={() => setAsking(true)}>
        {label}
      </MuiButton>
      <Confirm
        isOpen={isAsking}
        title={title}
        content={content}
        onConfirm={() => {
          setAsking(false);
          action.mutate({ path, body: { requestType, simulated: isSimulated() }, told: () => told });
        }}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

function Proposal({ row, isAdmin }: { readonly row: ProposalRow; readonly isAdmin: boolean }): ReactNode {
  const { proposal } = row;
  return (
    <Section title={formatName(row.requestType)}>
      <Box sx={{ display: 'grid', gap: 1.5 }}>
        <Facts
          facts={[
            { label: 'Answered by now', value: `${row.now.provider}/${row.now.model} (${row.tier})` },
            { label: 'Its quality', value: row.now.quality === null ? 'not measured' : formatInterval(row.now.quality) },
            { label: 'At least needed', value: row.floor },
            { label: 'A month', value: `${formatUsd(row.monthlyCostNanoUsd)} for ${formatCount(row.monthlyCalls)} calls` },
          ]}
        />
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
          {row.judged.map(({ tier, provider, model, scores, quality, refusal }) => (
            <Chip
              key={tier}
              size="small"
              variant="outlined"
              color={refusal === null ? 'success' : 'default'}
              label={
                refusal === null
                  ? `${tier}: ${provider}/${model}, ${quality === null ? 'not measured' : formatInterval(quality)} of ${formatCount(scores)} scores`
                  : `${tier} ${REFUSALS[refusal] ?? formatName(refusal)}`
              }
              sx={{ height: 'auto', '& .MuiChip-label': { whiteSpace: 'normal', py: 0.25 } }}
            />
          ))}
        </Box>
        {proposal !== null && (
          <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
            <Typography sx={{ fontWeight: 600 }}>
              {`${proposal.provider}/${proposal.model} saves ${formatUsd(proposal.monthlySavingNanoUsd)} a month`}
            </Typography>
            {isAdmin && (
              <Ask
                label={`Use the ${proposal.tier} tier`}
                title={`Use the ${proposal.tier} tier for ${formatName(row.requestType)}?`}
                content="Requests that name no tier are answered by it from now on. It can be taken back below."
                path="/api/tier-proposals/apply"
                requestType={row.requestType}
                told={`${formatName(row.requestType)} is answered by the ${proposal.tier} tier`}
              />
            )}
          </Box>
        )}
      </Box>
    </Section>
  );
}

function Applied({ choice, isAdmin }: { readonly choice: Choice; readonly isAdmin: boolean }): ReactNode {
  const isUndone = choice.undoneAt !== null;
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center', py: 0.75 }}>
      <span>{`${formatName(choice.requestType)}: ${choice.fromTier} to ${choice.toTier}, ${formatUsd(choice.monthlySavingNanoUsd)} a month`}</span>
      <Typography variant="body2" color="textSecondary" component="span">
        by {isUndone ? choice.appliedBy : `${choice.appliedBy}, `}
        {isUndone ? ', taken back ' : ''}
        <Moment at={choice.undoneAt ?? choice.appliedAt} />
        {isUndone ? ` by ${choice.undoneBy ?? ''}` : ''}
      </Typography>
      {isAdmin && !isUndone && (
        <Ask
          label="Take back"
          title={`Back to the ${choice.fromTier} tier?`}
          content="The request type is answered as it was before."
          path="/api/tier-proposals/undo"
          requestType={choice.requestType}
          told={`${formatName(choice.requestType)} is answered as before`}
        />
      )}
    </Box>
  );
}

/** Request types that a cheaper tier is measured to be good enough for: what that saves, taking it, and the way back. */
export function CheaperTiers(): ReactNode {
  const { permissions } = usePermissions<Role>();
  const isAdmin = hasRole(permissions, 'admin');
  const simulated = isSimulated();
  const { data } = useQuery({
    queryKey: [...KEY, simulated],
    queryFn: () =>
      callApi<{ rows: readonly ProposalRow[]; choices: readonly Choice[] }>(`/api/tier-proposals?simulated=${String(simulated)}`),
  });
  // What saves most comes first.
  const savingOf = (row: ProposalRow): number => Number(row.proposal?.monthlySavingNanoUsd ?? -1);
  const rows = (data?.rows ?? []).toSorted((one, two) => savingOf(two) - savingOf(one));
  return (
    <Box sx={{ display: 'grid', gap: 2, py: 1, minWidth: 0, gridTemplateColumns: 'minmax(0, 1fr)' }} data-tiers>
      <Title title="Cheaper tiers" />
      {data === undefined && <Skeleton variant="rounded" height={240} />}
      {data !== undefined && rows.length === 0 && (
        <Section title="Proposals">
          <EmptyList
            title="Nothing to propose yet"
            hint="A request type appears once it was paid for in the last month and answers of a cheaper tier were rated, by users or a judge."
          />
        </Section>
      )}
      {rows.map((row) => (
        <Proposal key={row.requestType} row={row} isAdmin={isAdmin} />
      ))}
      {data !== undefined && data.choices.length > 0 && (
        <Section title="Taken">
          {data.choices.map((choice) => (
            <Applied key={choice.id} choice={choice} isAdmin={isAdmin} />
          ))}
        </Section>
      )}
    </Box>
  );
}
