import Box from '@mui/material/Box';
import Divider from '@mui/material/Divider';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { Link } from 'react-admin';
import { Moment, StateChip } from '../cells.tsx';
import { DetailPage } from '../detail-page.tsx';
import { EvaluationReport } from '../evaluation-report.tsx';
import { Facts, InertText, Section } from '../facts.tsx';
import { formatCount, formatPercent, formatUsd } from '../formats.ts';
import { TrainingCurves } from '../training-curves.tsx';
import { TrainingRunActions } from '../training-run-actions.tsx';
import { formatFigure, type Canary, type TrainingRunDetail } from '../training-run.ts';

function CanaryRow({ canary }: { readonly canary: Canary }): ReactNode {
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center', py: 0.5 }}>
      <StateChip state={canary.state} />
      <span>{`${canary.candidateShare} % beside ${canary.control.provider}/${canary.control.model}`}</span>
      <Typography variant="body2" color="textSecondary" component="span">
        since <Moment at={canary.startedAt} />
        {canary.decidedBecause === null ? '' : `: ${canary.decidedBecause}`}
      </Typography>
    </Box>
  );
}

function Detail({ run }: { readonly run: TrainingRunDetail }): ReactNode {
  return (
    <Box sx={{ display: 'grid', gap: 2, p: 2, minWidth: 0 }}>
      <TrainingRunActions run={run} />
      <Facts
        facts={[
          { label: 'State', value: <StateChip state={run.is_active ? 'active' : run.status} /> },
          { label: 'Base model', value: run.base_model },
          { label: 'Trainer', value: run.training_provider },
          { label: 'Batch', value: run.training_batch_id },
          { label: 'Examples', value: `${formatCount(run.training_size)} train, ${formatCount(run.validation_size)} validation` },
          { label: 'Training loss', value: formatFigure(run.training_loss) },
          { label: 'Validation loss', value: formatFigure(run.validation_loss) },
          { label: 'Accuracy', value: run.validation_accuracy === null ? '–' : formatPercent(run.validation_accuracy) },
          { label: 'Tokens', value: run.trained_tokens === null ? '–' : formatCount(run.trained_tokens) },
          { label: 'Cost', value: formatUsd(run.training_cost_nano_usd) },
          {
            label: 'Duration',
            value: run.training_duration_minutes === null ? '–' : `${formatFigure(run.training_duration_minutes)} minutes`,
          },
          { label: 'Served as', value: run.served_model === null ? '–' : `${run.served_provider}/${run.served_model}` },
          { label: 'Ordered by', value: run.requested_by },
          { label: 'Ordered', value: <Moment at={run.created_at} /> },
          { label: 'Deployed', value: <Moment at={run.deployed_at} /> },
          ...(run.error === null ? [] : [{ label: 'Error', value: run.error }]),
        ]}
      />
      <TrainingCurves curve={run.curve} />
      <Section title="Evaluations">
        {run.evaluations.length === 0 ? (
          <Typography color="textSecondary">Not evaluated yet. A model is deployed once its gate is open.</Typography>
        ) : (
          <Box sx={{ display: 'grid', gap: 2 }}>
            {run.evaluations.map((evaluation, index) => (
              <Box key={evaluation.id} sx={{ display: 'grid', gap: 2 }}>
                {index > 0 && <Divider />}
                <EvaluationReport evaluation={evaluation} />
              </Box>
            ))}
            <Typography variant="body2" color="textSecondary">
              People compare its answers without knowing whose they are under <Link to="/blind-scoring">Blind scoring</Link>.
            </Typography>
          </Box>
        )}
      </Section>
      {run.canaries.length > 0 && (
        <Section title="In traffic">
          {run.canaries.map((canary) => (
            <CanaryRow key={canary.name} canary={canary} />
          ))}
        </Section>
      )}
      <Box
        sx={{
          display: 'grid',
          gap: 2,
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' },
          alignItems: 'start',
        }}
      >
        <Section title="Events">
          {run.events.length === 0 ? (
            <Typography color="textSecondary">Nothing has happened yet: a worker with the maintenance role takes it on.</Typography>
          ) : (
            <InertText text={run.events.map(({ at, message }) => `${at.replace('T', ' ').slice(0, 19)}  ${message}`).join('\n')} />
          )}
        </Section>
        <Section title="Dataset">
          {run.manifest === null ? (
            <Typography
              color="textSecondary"
              sx={{ overflowWrap: 'anywhere' }}
            >{`No manifest: the data came from a file of its own, ${run.dataset_sha256}.`}</Typography>
          ) : (
            <InertText text={JSON.stringify(run.manifest, null, 2)} />
          )}
        </Section>
      </Box>
    </Box>
  );
}

/** One training: what it was made of, how it went, how good it is, whether it serves. */
export function TrainingRunShow(): ReactNode {
  return (
    <DetailPage<TrainingRunDetail> title="Training run" whole="evaluations">
      {(run) => <Detail run={run} />}
    </DetailPage>
  );
}
