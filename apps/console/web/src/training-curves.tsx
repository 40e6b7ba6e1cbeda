import { LineChart } from '@mui/x-charts/LineChart';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { Section } from './facts.tsx';
import { formatPercent } from './formats.ts';
import { formatFigure, type CurvePoint } from './training-run.ts';

const HEIGHT = 240;
const label = (value: number | null): string => (value === null ? 'not measured' : formatFigure(value));

/** Loss and accuracy by step. */
export function TrainingCurves({ curve }: { readonly curve: readonly CurvePoint[] }): ReactNode {
  if (curve.length === 0) {
    return (
      <Section title="Loss and accuracy">
        <Typography color="textSecondary">The trainer has not said how its loss went down.</Typography>
      </Section>
    );
  }
  const xAxis = [{ data: curve.map(({ step }) => step), scaleType: 'point' as const, label: 'step', height: 45 }];
  const hasAccuracy = curve.some(({ validation_accuracy: accuracy }) => accuracy !== null);
  return (
    <Box
      sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: hasAccuracy ? 'repeat(2, minmax(0, 1fr))' : '1fr' } }}
    >
      <Section title="Loss">
        <LineChart
          height={HEIGHT}
          xAxis={xAxis}
          yAxis={[{ width: 44, min: 0 }]}
          series={[
            { label: 'training', data: curve.map(({ training_loss: loss }) => loss), valueFormatter: label },
            { label: 'validation', data: curve.map(({ validation_loss: loss }) => loss), valueFormatter: label },
          ]}
        />
      </Section>
      {hasAccuracy && (
        <Section title="Accuracy">
          <LineChart
            height={HEIGHT}
            hideLegend
            xAxis={xAxis}
            yAxis={[{ width: 48, min: 0, max: 1, valueFormatter: formatPercent }]}
            series={[
              {
                label: 'validation',
                data: curve.map(({ validation_accuracy: accuracy }) => accuracy),
                valueFormatter: (value: number | null) => (value === null ? 'not measured' : formatPercent(value)),
              },
            ]}
          />
        </Section>
      )}
    </Box>
  );
}
