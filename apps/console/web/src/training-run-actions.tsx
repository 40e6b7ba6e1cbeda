import Box from '@mui/material/Box';
import MuiButton from '@mui/material/Button';
import { useState, type ReactNode } from 'react';
import { usePermissions } from 'react-admin';
import { hasRole } from './auth-provider.ts';
import type { Role } from './call-api.ts';
import { FormDialog, type FormField } from './form-dialog.tsx';
import type { TrainingRunDetail } from './training-run.ts';
import { useAction, type Action } from './use-action.tsx';

type Asked = 'evaluate' | 'deploy' | 'rollback';
type Values = Readonly<Record<string, string>>;

interface Form {
  readonly title: string;
  readonly submitLabel: string;
  readonly fields: readonly FormField[];
  readonly toAction: (values: Values) => Action;
}

function parseModel(text: string): { provider: string; model: string } | undefined {
  const [provider = '', ...model] = text.trim().split('/');
  return text.trim() === '' ? undefined : { provider, model: model.join('/') };
}

function formsOf(run: TrainingRunDetail): Readonly<Record<Asked, Form>> {
  const path = `/api/training-runs/${encodeURIComponent(run.id)}`;
  const last = run.evaluations[0]?.against;
  return {
    evaluate: {
      title: `Evaluate ${run.id}`,
      submitLabel: 'Evaluate',
      fields: [
        {
          name: 'against',
          label: 'Compared with',
          value: last === undefined ? '' : `${last.provider}/${last.model}`,
          hint: 'PROVIDER/MODEL; empty: the cheapest other model. Both are asked, and a judge: this costs money.',
        },
        { name: 'validation', label: 'Most validation examples', value: '200', type: 'number' },
        { name: 'recent', label: 'Most recent prompts', value: '100', type: 'number' },
      ],
      toAction: (values) => ({
        path: `${path}/evaluate`,
        body: { against: parseModel(values['against'] ?? ''), validation: Number(values['validation']), recent: Number(values['recent']) },
        told: () => 'A worker evaluates it now; the report appears here',
      }),
    },
    deploy: {
      title: `Deploy ${run.id}`,
      submitLabel: 'Deploy',
      fields: [
        { name: 'share', label: 'Percent of the traffic', value: '10', type: 'number', hint: 'It gets more, or goes back, by itself' },
        { name: 'tier', label: 'Tier', value: 'cheap', choices: ['cheap', 'normal', 'premium'] },
        {
          name: 'gate',
          label: 'Quality gate',
          value: 'must be open',
          choices: ['must be open', 'deploy although it is closed'],
          hint: 'Written down with your name',
        },
      ],
      toAction: (values) => ({
        path: `${path}/deploy`,
        body: { share: Number(values['share']), tier: values['tier'], force: values['gate'] !== 'must be open' },
        told: () => `${run.id} takes ${values['share']} % of the ${values['tier']} tier`,
      }),
    },
    rollback: {
      title: `Roll ${run.id} back`,
      submitLabel: 'Roll back',
      fields: [
        { name: 'because', label: 'Why', value: '', hint: 'The model before it, or models of others, serve again' },
        {
          name: 'answers',
          label: 'Its answers',
          value: 'stay in memory',
          choices: ['stay in memory', 'are stale'],
          hint: 'Stale: the next request buys a new one; verified answers stay',
        },
      ],
      toAction: (values) => ({
        path: '/api/own-model/rollback',
        body: { simulated: run.simulated, because: values['because'], markStale: values['answers'] === 'are stale' },
        told: () => `${run.id} is out of service`,
      }),
    },
  };
}

const DEPLOYABLE: ReadonlySet<string> = new Set(['completed', 'rolled_back']);

/** What can be done with a trained model, each by the same code as the command's verb. */
export function TrainingRunActions({ run }: { readonly run: TrainingRunDetail }): ReactNode {
  const { permissions } = usePermissions<Role>();
  const [asked, setAsked] = useState<Asked | null>(null);
  const action = useAction(() => setAsked(null));
  const isFinished = DEPLOYABLE.has(run.status) || run.status === 'deployed';
  if (!hasRole(permissions, 'operator')) return null;
  const form = asked === null ? null : formsOf(run)[asked];
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
      <MuiButton size="small" variant="outlined" disabled={!isFinished} onClick={() => setAsked('evaluate')}>
        Evaluate
      </MuiButton>
      {hasRole(permissions, 'admin') && (
        <MuiButton size="small" variant="contained" disabled={!DEPLOYABLE.has(run.status)} onClick={() => setAsked('deploy')}>
          Deploy
        </MuiButton>
      )}
      <MuiButton size="small" color="error" disabled={!run.is_active} onClick={() => setAsked('rollback')}>
        Roll back
      </MuiButton>
      {form !== null && (
        <FormDialog
          key={asked}
          title={form.title}
          fields={form.fields}
          submitLabel={form.submitLabel}
          onClose={() => setAsked(null)}
          onSubmit={(values) => action.mutate(form.toAction(values))}
        />
      )}
    </Box>
  );
}
