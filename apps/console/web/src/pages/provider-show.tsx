import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { usePermissions } from 'react-admin';
import { hasRole } from '../auth-provider.ts';
import type { Role } from '../call-api.ts';
import { StateChip } from '../cells.tsx';
import { DetailPage } from '../detail-page.tsx';
import { Facts, Section, type Fact } from '../facts.tsx';
import { formatCount, formatUsd } from '../formats.ts';
import { PriceHistory } from '../price-history.tsx';
import { ActiveSwitch, AddPriceButton, EditButton, LimitsButton, SuccessorButton } from '../provider-actions.tsx';
import { nameOf, type ProviderRow } from '../provider-row.ts';
import { TryModel } from '../try-model.tsx';
import { Lifecycle } from './providers.tsx';

const GRID = { display: 'grid', gap: 2, gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'repeat(2, minmax(0, 1fr))' } } as const;
const orNone = (count: number | null | undefined): string => (count === null || count === undefined ? 'none' : formatCount(count));

function factsOf(row: ProviderRow, isAdmin: boolean): Fact[] {
  return [
    { label: 'May be chosen', value: <ActiveSwitch row={row} isAdmin={isAdmin} /> },
    { label: 'Kind', value: row.kind },
    { label: 'Tier', value: row.isDefault ? `${row.tier}, its default` : row.tier },
    { label: 'Quality', value: Number(row.qualityScore).toFixed(2) },
    { label: 'Context', value: row.maxTokens === null ? '–' : `${formatCount(row.maxTokens)} tokens` },
    { label: 'Longest answer', value: row.maxOutputTokens === null ? '–' : `${formatCount(row.maxOutputTokens)} tokens` },
    { label: 'Share of the traffic', value: row.trafficShare === null ? 'all' : `${row.trafficShare} %` },
    { label: 'Lifecycle', value: <Lifecycle row={row} /> },
    { label: 'Circuit', value: <StateChip state={row.circuit} /> },
  ];
}

function limitsOf({ limits, kind }: ProviderRow): Fact[] {
  return [
    { label: 'Requests a minute', value: orNone(limits.requestsPerMinute) },
    ...(kind === 'text' ? [{ label: 'Tokens a minute', value: orNone(limits.tokensPerMinute) }] : []),
    { label: 'Calls at once', value: orNone(limits.concurrency) },
    { label: 'Spend a day', value: limits.dailySpendNanoUsd === undefined ? 'none' : formatUsd(limits.dailySpendNanoUsd) },
  ];
}

function EndWarning({ row, isAdmin }: { readonly row: ProviderRow; readonly isAdmin: boolean }): ReactNode {
  if (row.replacement === null) return null;
  const when = row.shutdownDate === null ? 'Its vendor does not list it any more.' : `Its vendor shuts it down on ${row.shutdownDate}.`;
  return (
    <Alert severity="warning" action={isAdmin ? <SuccessorButton row={row} /> : null}>
      {when} {row.replacement} could take its place.
    </Alert>
  );
}

function Model({ row }: { readonly row: ProviderRow }): ReactNode {
  const { permissions } = usePermissions<Role>();
  const isAdmin = hasRole(permissions, 'admin');
  return (
    <Box className="show-page" sx={{ display: 'grid', gap: 2, p: 2 }}>
      <Typography variant="h5" component="h1" sx={{ overflowWrap: 'anywhere' }}>
        {nameOf(row)}
      </Typography>
      <EndWarning row={row} isAdmin={isAdmin} />
      <Box sx={GRID}>
        <Section title="Configuration">
          <Facts facts={factsOf(row, isAdmin)} />
          {isAdmin && (
            <Box sx={{ mt: 1 }}>
              <EditButton row={row} />
            </Box>
          )}
        </Section>
        <Section title="Limits over the whole fleet">
          <Facts facts={limitsOf(row)} />
          {isAdmin && (
            <Box sx={{ mt: 1 }}>
              <LimitsButton row={row} />
            </Box>
          )}
        </Section>
      </Box>
      <PriceHistory row={row} action={isAdmin ? <AddPriceButton row={row} /> : null} />
      {hasRole(permissions, 'operator') && <TryModel row={row} />}
    </Box>
  );
}

/** One model: what it may do, what it costs and cost, and how it answers. */
export function ProviderShow(): ReactNode {
  return (
    <DetailPage<ProviderRow> title="Model" whole="limits">
      {(row) => <Model row={row} />}
    </DetailPage>
  );
}
