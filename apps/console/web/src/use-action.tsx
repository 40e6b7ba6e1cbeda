import { useMutation, type UseMutationResult } from '@tanstack/react-query';
import { useNotify, useRefresh } from 'react-admin';
import { callApi } from './call-api.ts';
import { UndoNote } from './undo-note.tsx';

export interface ActionAnswer {
  readonly done: number;
  /** Of answers in memory: those that are different now. */
  readonly changed?: readonly string[];
  readonly refused?: readonly { readonly id: string; readonly why: string }[];
}

export interface Action {
  readonly path: string;
  readonly method?: 'POST' | 'PUT' | 'PATCH';
  readonly body?: unknown;
  /** What is said when it is done. */
  readonly told: (answer: ActionAnswer) => string;
  /** What takes it back; offered for a while where something changed. */
  readonly undo?: (answer: Required<ActionAnswer>) => Action;
}

const UNDO_MS = 10_000;

/** Does something on the server, says what came of it, and reads the page anew. */
export function useAction(whenDone?: () => void): UseMutationResult<ActionAnswer, Error, Action> {
  const notify = useNotify();
  const refresh = useRefresh();
  const action = useMutation({
    mutationFn: ({ path, method = 'POST', body }: Action) => callApi<ActionAnswer>(path, { method, body }),
    onSuccess(answer, { told, undo }) {
      const { changed = [], refused = [] } = answer;
      const [first] = refused;
      const text = first === undefined ? told(answer) : `${told(answer)}; ${refused.length} not: ${first.why}`;
      const severity = first === undefined ? 'success' : 'warning';
      if (undo === undefined || changed.length === 0) notify(text, { type: severity });
      else {
        const takeBack = (): void => action.mutate(undo({ ...answer, changed, refused }));
        notify(<UndoNote severity={severity} text={text} onUndo={takeBack} />, { autoHideDuration: UNDO_MS });
      }
      whenDone?.();
      refresh();
    },
    onError: (error) => notify(error.message, { type: 'error' }),
  });
  return action;
}
