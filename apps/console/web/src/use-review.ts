import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNotify } from 'react-admin';
import { callApi } from './call-api.ts';
import type { Difficulty, Labels } from './label-fields.tsx';
import { isSimulated } from './simulated.ts';
import type { ActionAnswer } from './use-action.tsx';

export interface Suggestion {
  readonly id: string;
  readonly memoryId: string;
  readonly requestType: string;
  readonly provider: string;
  readonly model: string;
  readonly prompt: string;
  readonly answer: string;
  readonly userRating: number | null;
  readonly ratingCount: number;
  readonly usageCount: number;
  readonly trainingWeight: number;
  readonly difficulty: Difficulty | null;
  readonly tags: readonly string[];
  readonly split: string;
  readonly doubles: number;
  readonly leaks: boolean;
  readonly hasPersonalData: boolean;
}

export type Decision = 'verify' | 'decline' | 'reject';

interface Call {
  readonly path: string;
  readonly method: 'POST' | 'PATCH';
  readonly body: unknown;
}
type CallFor = (row: Suggestion) => Call;

const judge =
  (action: string): CallFor =>
  ({ memoryId }) => ({ path: `/api/memory/actions/${action}`, method: 'POST', body: { ids: [memoryId], reason: null } });
const edit =
  (body: object): CallFor =>
  ({ id }) => ({ path: `/api/training-data/${id}`, method: 'PATCH', body });

/** What each decision does, and what takes it back. */
const DECISIONS: Readonly<Record<Decision, { readonly call: CallFor; readonly undo: CallFor; readonly told: string }>> = {
  verify: { call: judge('verify'), undo: judge('unverify'), told: 'Verified for training' },
  decline: { call: edit({ declined: true }), undo: edit({ declined: false }), told: 'Declined' },
  reject: { call: judge('reject'), undo: judge('restore'), told: 'Rejected: never served again' },
};

interface Decided {
  readonly row: Suggestion;
  readonly decision: Decision;
}

export interface Review {
  readonly isLoading: boolean;
  readonly isBusy: boolean;
  readonly current: Suggestion | undefined;
  /** Of those that are loaded, from 1. */
  readonly place: number;
  readonly count: number;
  readonly canUndo: boolean;
  readonly next: () => void;
  readonly previous: () => void;
  readonly decide: (decision: Decision) => void;
  readonly undo: () => void;
  readonly label: (labels: Partial<Labels>) => void;
}

async function send({ path, method, body }: Call): Promise<void> {
  const answer = await callApi<Partial<ActionAnswer>>(path, { method, body });
  const [refused] = answer.refused ?? [];
  if (refused !== undefined) throw new Error(refused.why);
}

/** The suggestions that wait, which of them is looked at, and what is done with it. */
export function useReview(): Review {
  const simulated = isSimulated();
  const notify = useNotify();
  const client = useQueryClient();
  const queryKey = ['training-data', 'review', simulated];
  const { data, isLoading } = useQuery({
    queryKey,
    queryFn: async () => (await callApi<{ rows: readonly Suggestion[] }>(`/api/training-review?simulated=${String(simulated)}`)).rows,
    // What somebody is reading must not be exchanged under their eyes.
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const [at, setAt] = useState(0);
  const [decided, setDecided] = useState<readonly Decided[]>([]);
  const rows = data ?? [];
  const place = Math.min(at, Math.max(0, rows.length - 1));
  const current = rows[place];

  const setRows = (change: (rows: readonly Suggestion[]) => readonly Suggestion[]): readonly Suggestion[] => {
    const changed = change(client.getQueryData<readonly Suggestion[]>(queryKey) ?? []);
    client.setQueryData(queryKey, changed);
    return changed;
  };
  const recount = (): void => void client.invalidateQueries({ queryKey: ['training-data', 'counts'] });
  const fail = (error: Error): void => notify(error.message, { type: 'error' });

  const decision = useMutation({
    mutationFn: ({ row, decision: chosen }: Decided) => send(DECISIONS[chosen].call(row)),
    onSuccess(_, done) {
      notify(DECISIONS[done.decision].told, { type: 'success' });
      setDecided([...decided, done]);
      if (setRows((all) => all.filter(({ id }) => id !== done.row.id)).length === 0) void client.invalidateQueries({ queryKey });
      recount();
    },
    onError: fail,
  });
  const undoing = useMutation({
    async mutationFn({ row, decision: chosen }: Decided) {
      // A list that is being read would come back as it was before.
      await client.cancelQueries({ queryKey });
      await send(DECISIONS[chosen].undo(row));
    },
    onSuccess(_, { row }) {
      notify('Taken back', { type: 'success' });
      setDecided(decided.slice(0, -1));
      setRows((all) => all.filter(({ id }) => id !== row.id).toSpliced(place, 0, row));
      recount();
    },
    onError: fail,
  });
  const labelling = useMutation({
    mutationFn: ({ row, labels }: { row: Suggestion; labels: Partial<Labels> }) => send(edit(labels)(row)),
    onError: fail,
  });
  const isBusy = decision.isPending || undoing.isPending;
  const last = decided.at(-1);
  return {
    isLoading,
    isBusy,
    current,
    place: place + 1,
    count: rows.length,
    canUndo: last !== undefined,
    next: () => setAt(Math.min(place + 1, rows.length - 1)),
    previous: () => setAt(Math.max(0, place - 1)),
    decide: (chosen) => !isBusy && current !== undefined && decision.mutate({ row: current, decision: chosen }),
    undo: () => !isBusy && last !== undefined && undoing.mutate(last),
    label({ weight, ...labels }) {
      if (current === undefined) return;
      const changed = { ...current, ...labels, ...(weight === undefined ? {} : { trainingWeight: weight }) };
      setRows((all) => all.map((row) => (row.id === current.id ? changed : row)));
      // A weight that is still being typed is no weight yet.
      if (weight === undefined || weight > 0)
        labelling.mutate({ row: current, labels: { ...labels, ...(weight === undefined ? {} : { weight }) } });
    },
  };
}
