import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Skeleton from '@mui/material/Skeleton';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Title } from 'react-admin';
import { callApi } from '../call-api.ts';
import { CostChart, HitRateChart } from '../dashboard-charts.tsx';
import { BudgetBars, HealthStrip, TopTable, type Budget } from '../dashboard-parts.tsx';
import { formatCount, formatMs, formatPercent, formatUsd } from '../formats.ts';
import { SavingsTable } from '../savings-table.tsx';
import { isSimulated } from '../simulated.ts';

interface Figures {
  readonly requests: number;
  readonly failures: number;
  readonly hits: number;
  readonly costNanoUsd: string;
  readonly savedNanoUsd: string;
  readonly unpriced: number;
  readonly averageLatencyMs: number;
  readonly p95LatencyMs: number | null;
}

export interface Day {
  readonly day: string;
  readonly requests: number;
  readonly hits: number;
  readonly failures: number;
  readonly savedNanoUsd: string;
  readonly costs: Readonly<Record<string, string>>;
}

export interface TopRow {
  readonly key: string;
  readonly requests: number;
  readonly costNanoUsd: string;
}

interface DashboardData {
  readonly simulated: boolean;
  readonly current: Figures;
  readonly previous: Figures;
  readonly daily: readonly Day[];
  readonly top: Readonly<Record<'model' | 'endpoint' | 'type' | 'user', readonly TopRow[]>>;
  readonly training: { readonly verified: number; readonly suggested: number };
  readonly budgets: readonly Budget[];
}

const RANGES = [7, 30, 90] as const;
const REFRESH_MS = 15_000;
const TOP_TITLES = { model: 'Models', type: 'Request types', endpoint: 'Endpoints', user: 'Users' } as const;

function hitRate({ requests, hits }: Figures): number {
  return requests === 0 ? 0 : hits / requests;
}

function change(now: number, before: number): string {
  if (before === 0) return 'nothing to compare with';
  const share = now / before - 1;
  return `${share >= 0 ? '+' : ''}${formatPercent(share)} against before`;
}

function tiles({ current, previous, training }: DashboardData): [label: string, value: string, aside: string][] {
  return [
    ['Requests', formatCount(current.requests), change(current.requests, previous.requests)],
    ['Cost', formatUsd(current.costNanoUsd), change(Number(current.costNanoUsd), Number(previous.costNanoUsd))],
    ['Hit rate', formatPercent(hitRate(current)), `target 80 %, before ${formatPercent(hitRate(previous))}`],
    ['Saved', formatUsd(current.savedNanoUsd), change(Number(current.savedNanoUsd), Number(previous.savedNanoUsd))],
    [
      'Latency',
      formatMs(current.averageLatencyMs),
      current.p95LatencyMs === null ? 'average' : `95 % within about ${formatMs(current.p95LatencyMs)}`,
    ],
    [
      'Failures',
      formatCount(current.failures),
      current.requests === 0 ? 'no requests' : formatPercent(current.failures / current.requests),
    ],
    ['Training data', formatCount(training.verified), `${formatCount(training.suggested)} to review, goal 5,000`],
  ];
}

function toCsv({ daily }: DashboardData): string {
  const providers = [...new Set(daily.flatMap(({ costs }) => Object.keys(costs)))].toSorted();
  const lines = daily.map(({ day, requests, hits, failures, savedNanoUsd, costs }) =>
    [day, requests, hits, failures, savedNanoUsd, ...providers.map((name) => costs[name] ?? '0')].join(','),
  );
  const head = ['day', 'requests', 'hits', 'failures', 'saved_nano_usd', ...providers.map((name) => `${name}_cost_nano_usd`)];
  return [head.join(','), ...lines].join('\n');
}

function saveCsv(data: DashboardData): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([toCsv(data)], { type: 'text/csv' }));
  link.download = `ai-core-${data.simulated ? 'simulated' : 'usage'}-${data.daily.length}-days.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

const GRID = { display: 'grid', gap: 2 } as const;

/** Cost, quality and health at a glance; figures come from the daily tables. */
export function Dashboard(): ReactNode {
  const [days, setDays] = useState<number>(30);
  const simulated = isSimulated();
  const { data, error } = useQuery({
    queryKey: ['dashboard', days, simulated],
    queryFn: () => callApi<DashboardData>(`/api/dashboard?days=${days}&simulated=${simulated}`),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Box sx={{ ...GRID, maxWidth: 1440 }}>
      <Title title="Dashboard" />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 2, alignItems: 'center', mt: 1 }}>
        <Typography variant="h5" component="h1" sx={{ flex: 1, minWidth: 200 }}>
          {simulated ? 'Simulated usage' : 'Usage'}
        </Typography>
        <ToggleButtonGroup
          size="small"
          exclusive
          value={days}
          onChange={(_, value: number | null) => setDays(value ?? days)}
          aria-label="Period"
        >
          {RANGES.map((range) => (
            <ToggleButton key={range} value={range} sx={{ textTransform: 'none', px: 1.5 }}>
              {range} days
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
        <Button size="small" disabled={data === undefined} onClick={() => data !== undefined && saveCsv(data)}>
          Save CSV
        </Button>
      </Box>
      <HealthStrip />
      {error !== null && <Alert severity="error">{error.message}</Alert>}
      {data === undefined ? (
        <Skeleton variant="rounded" height={420} />
      ) : (
        <Content data={data} savings={<SavingsTable days={days} simulated={simulated} />} />
      )}
    </Box>
  );
}

function Content({ data, savings }: { readonly data: DashboardData; readonly savings: ReactNode }): ReactNode {
  return (
    <>
      {data.current.unpriced > 0 && (
        <Alert severity="warning">
          {formatCount(data.current.unpriced)} calls have no price yet; add one under Providers and their cost follows.
        </Alert>
      )}
      <Box component="dl" sx={{ ...GRID, m: 0, gridTemplateColumns: 'repeat(auto-fill, minmax(148px, 1fr))' }}>
        {tiles(data).map(([label, value, aside]) => (
          <Card key={label} component="div" sx={{ p: 2 }}>
            <Typography component="dt" variant="body2" color="textSecondary">
              {label}
            </Typography>
            <Typography component="dd" data-tile={label} sx={{ m: 0, fontSize: '1.5rem', fontWeight: 650, letterSpacing: '-0.02em' }}>
              {value}
            </Typography>
            <Typography component="dd" variant="caption" color="textSecondary" sx={{ m: 0 }}>
              {aside}
            </Typography>
          </Card>
        ))}
      </Box>
      <Box sx={{ ...GRID, gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'minmax(0, 2fr) minmax(0, 1fr)' } }}>
        <CostChart daily={data.daily} />
        <HitRateChart daily={data.daily} />
      </Box>
      <BudgetBars budgets={data.budgets} />
      <Box sx={{ ...GRID, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' } }}>
        {savings}
        {(Object.keys(TOP_TITLES) as (keyof typeof TOP_TITLES)[]).map((group) => (
          <TopTable key={group} title={TOP_TITLES[group]} rows={data.top[group]} />
        ))}
      </Box>
    </>
  );
}
