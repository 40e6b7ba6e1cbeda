import { BarChart } from '@mui/x-charts/BarChart';
import { ChartsReferenceLine } from '@mui/x-charts/ChartsReferenceLine';
import { LineChart } from '@mui/x-charts/LineChart';
import Card from '@mui/material/Card';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { formatPercent, toUsd } from './formats.ts';
import type { Day } from './pages/dashboard.tsx';

const HEIGHT = 260;
const TARGET = 0.8;
const DAY_NAME = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const nameDay = (day: string): string => DAY_NAME.format(new Date(`${day}T00:00:00Z`));

function Frame({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <Card component="section" sx={{ p: 2 }}>
      <Typography variant="h6" component="h2">
        {title}
      </Typography>
      {children}
    </Card>
  );
}

function axis(daily: readonly Day[], ticks: number): object {
  const step = Math.max(1, Math.ceil(daily.length / ticks));
  return {
    scaleType: 'band',
    data: daily.map(({ day }) => day),
    valueFormatter: nameDay,
    tickLabelInterval: (_: string, index: number) => index % step === 0,
  };
}

/** What each day cost, by provider. */
export function CostChart({ daily }: { readonly daily: readonly Day[] }): ReactNode {
  const providers = [...new Set(daily.flatMap(({ costs }) => Object.keys(costs)))].toSorted();
  return (
    <Frame title="Cost by day and provider">
      {providers.length === 0 ? (
        <Typography color="textSecondary" sx={{ py: 8, textAlign: 'center' }}>
          No requests in this period. Send one with the API key that npm start printed.
        </Typography>
      ) : (
        <BarChart
          height={HEIGHT}
          xAxis={[axis(daily, 8)]}
          yAxis={[{ width: 56, valueFormatter: (value: number) => `$${value.toLocaleString('en-US', { maximumSignificantDigits: 3 })}` }]}
          series={providers.map((name) => ({
            label: name,
            stack: 'cost',
            data: daily.map(({ costs }) => toUsd(costs[name] ?? '0')),
            valueFormatter: (value: number | null) => `$${(value ?? 0).toLocaleString('en-US', { maximumSignificantDigits: 4 })}`,
          }))}
        />
      )}
    </Frame>
  );
}

/** Which share of each day's requests was served without buying. */
export function HitRateChart({ daily }: { readonly daily: readonly Day[] }): ReactNode {
  return (
    <Frame title="Hit rate">
      <LineChart
        height={HEIGHT}
        hideLegend
        xAxis={[{ ...axis(daily, 4), scaleType: 'point' }]}
        yAxis={[{ min: 0, max: 1, width: 48, valueFormatter: formatPercent }]}
        series={[
          {
            label: 'Hit rate',
            showMark: false,
            data: daily.map(({ requests, hits }) => (requests === 0 ? null : hits / requests)),
            valueFormatter: (value: number | null) => (value === null ? 'no requests' : formatPercent(value)),
          },
        ]}
      >
        <ChartsReferenceLine y={TARGET} label="target 80 %" lineStyle={{ strokeDasharray: '4 4' }} />
      </LineChart>
    </Frame>
  );
}
