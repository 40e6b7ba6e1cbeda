/** What admins do to a configuration, as buttons with their forms. */
import Add from '@mui/icons-material/AddOutlined';
import Switch from '@mui/material/Switch';
import { useState, type ReactNode } from 'react';
import { Confirm } from 'react-admin';
import { ActionButton } from './action-button.tsx';
import { FormDialog, type FormField } from './form-dialog.tsx';
import { toUsd } from './formats.ts';
import { nameOf, pathOf, type ProviderRow } from './provider-row.ts';
import { useAction } from './use-action.tsx';

const TIERS = ['cheap', 'normal', 'premium'] as const;
const PROVIDERS = ['openai', 'claude', 'gemini', 'local_small_model', 'elevenlabs', 'google_tts'] as const;
type Values = Readonly<Record<string, string>>;

interface OneRow {
  readonly row: ProviderRow;
}

/** Whether a model may be chosen. */
export function ActiveSwitch({ row, isAdmin }: OneRow & { readonly isAdmin: boolean }): ReactNode {
  const action = useAction();
  const patch = (isActive: boolean) => ({
    path: pathOf(row),
    method: 'PATCH' as const,
    body: { isActive },
    told: () => `${nameOf(row)} is ${isActive ? 'chosen again' : 'not chosen any more'}`,
  });
  return (
    <Switch
      size="small"
      checked={row.isActive}
      disabled={!isAdmin || action.isPending}
      slotProps={{ input: { 'aria-label': `${nameOf(row)} may be chosen` } }}
      onClick={(event) => event.stopPropagation()}
      onChange={(_, isActive) => action.mutate(patch(isActive))}
    />
  );
}

/** Tier, quality and default. */
export function EditButton({ row }: OneRow): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const action = useAction(() => setOpen(false));
  const save = ({ tier, qualityScore, isDefault }: Values): void =>
    action.mutate({
      path: pathOf(row),
      method: 'PATCH',
      body: {
        tier,
        qualityScore: Number(qualityScore),
        ...(isDefault === String(row.isDefault) ? {} : { isDefault: isDefault === 'true' }),
      },
      told: () => `${nameOf(row)} is changed`,
    });
  return (
    <>
      <ActionButton label="Edit" onClick={() => setOpen(true)} />
      {isOpen && (
        <FormDialog
          title={nameOf(row)}
          fields={[
            { name: 'tier', label: 'Tier', value: row.tier, choices: TIERS },
            { name: 'qualityScore', label: 'Quality', value: String(row.qualityScore), type: 'number', hint: '0 to 1' },
            { name: 'isDefault', label: 'Default of its tier', value: String(row.isDefault), choices: ['true', 'false'] },
          ]}
          submitLabel="Save"
          onClose={() => setOpen(false)}
          onSubmit={save}
        />
      )}
    </>
  );
}

function limitFields({ limits, kind }: ProviderRow): FormField[] {
  const text = (value: number | string | undefined): string => (value === undefined ? '' : String(value));
  const spend = limits.dailySpendNanoUsd === undefined ? '' : String(toUsd(limits.dailySpendNanoUsd));
  return [
    {
      name: 'requestsPerMinute',
      label: 'Requests a minute',
      value: text(limits.requestsPerMinute),
      type: 'number',
      hint: 'Empty: no limit',
    },
    ...(kind === 'text'
      ? [{ name: 'tokensPerMinute', label: 'Tokens a minute', value: text(limits.tokensPerMinute), type: 'number' as const }]
      : []),
    { name: 'concurrency', label: 'Calls at once', value: text(limits.concurrency), type: 'number' },
    { name: 'dailySpendUsd', label: 'Spend a day, US dollars', value: spend, type: 'number', hint: 'By UTC days; used up, others answer' },
  ];
}

/** Limits of a model over the whole fleet. */
export function LimitsButton({ row }: OneRow): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const action = useAction(() => setOpen(false));
  const save = ({ dailySpendUsd = '', ...counts }: Values): void =>
    action.mutate({
      path: pathOf(row),
      method: 'PATCH',
      body: {
        limits: {
          ...Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, value === '' ? null : Number(value)])),
          dailySpendUsd: dailySpendUsd === '' ? null : dailySpendUsd,
        },
      },
      told: () => `Limits of ${nameOf(row)} are set`,
    });
  return (
    <>
      <ActionButton label="Edit limits" onClick={() => setOpen(true)} />
      {isOpen && (
        <FormDialog
          title={`Limits of ${nameOf(row)}`}
          fields={limitFields(row)}
          submitLabel="Save"
          onClose={() => setOpen(false)}
          onSubmit={save}
        />
      )}
    </>
  );
}

/** A new dated price; those that exist stay. */
export function AddPriceButton({ row }: OneRow): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const action = useAction(() => setOpen(false));
  const rates: FormField[] =
    row.kind === 'audio'
      ? [{ name: 'charactersUsd', label: '$ per million characters', value: '', type: 'number' }]
      : [
          { name: 'inputUsd', label: '$ per million tokens in', value: '', type: 'number' },
          { name: 'cachedInputUsd', label: '$ per million tokens in, from the vendor’s cache', value: '', type: 'number' },
          { name: 'outputUsd', label: '$ per million tokens out', value: '', type: 'number' },
        ];
  const add = ({ from = '', ...values }: Values): void =>
    action.mutate({
      path: `${pathOf(row)}/prices`,
      body: {
        ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')),
        effectiveFrom: new Date(from).toISOString(),
      },
      told: () => 'Price added',
    });
  return (
    <>
      <ActionButton label="Add a price" onClick={() => setOpen(true)} />
      {isOpen && (
        <FormDialog
          title={`New price of ${nameOf(row)}`}
          fields={[
            {
              name: 'from',
              label: 'In effect from',
              value: '',
              type: 'datetime-local',
              isRequired: true,
              hint: 'Prices are never changed, only followed by newer ones. What stays empty stays as it is',
            },
            ...rates,
            { name: 'source', label: 'Where it comes from', value: 'console' },
          ]}
          submitLabel="Add"
          onClose={() => setOpen(false)}
          onSubmit={add}
        />
      )}
    </>
  );
}

/** One click from a model that ends to what takes its place. */
export function SuccessorButton({ row }: OneRow): ReactNode {
  const [isAsking, setAsking] = useState(false);
  const action = useAction();
  const { replacement } = row;
  if (replacement === null) return null;
  return (
    <>
      <ActionButton label={`Use ${replacement} instead`} onClick={() => setAsking(true)} />
      <Confirm
        isOpen={isAsking}
        title={`Use ${replacement} instead of ${nameOf(row)}?`}
        content={`${nameOf(row)} is not chosen any more; ${replacement} takes over its tier${row.isDefault ? ' and that it is the default' : ''}. Both stay configured, so that this can be turned round.`}
        onConfirm={() => {
          setAsking(false);
          action.mutate({ path: `${pathOf(row)}/successor`, told: () => `${replacement} is chosen instead of ${nameOf(row)}` });
        }}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

/** A model that the catalogue knows, or one that is newer than it. */
export function AddProviderButton(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const action = useAction(() => setOpen(false));
  return (
    <>
      <ActionButton label="Add a model" startIcon={<Add />} onClick={() => setOpen(true)} />
      {isOpen && (
        <FormDialog
          title="Add a model"
          fields={[
            { name: 'provider', label: 'Provider', value: 'openai', choices: PROVIDERS },
            {
              name: 'modelName',
              label: 'Model',
              value: '',
              isRequired: true,
              hint: 'As its vendor spells it. Calls have no cost until a price is added',
            },
            { name: 'kind', label: 'Kind', value: 'text', choices: ['text', 'audio'] },
            { name: 'tier', label: 'Tier', value: 'normal', choices: TIERS },
            { name: 'qualityScore', label: 'Quality', value: '0.8', type: 'number', hint: '0 to 1' },
          ]}
          submitLabel="Add"
          onClose={() => setOpen(false)}
          onSubmit={({ qualityScore, ...values }) =>
            action.mutate({
              path: '/api/providers',
              body: { ...values, qualityScore: Number(qualityScore) },
              told: () => `${values['provider']}/${values['modelName']} is configured`,
            })
          }
        />
      )}
    </>
  );
}
