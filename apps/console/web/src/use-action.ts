import { useMutation, type UseMutationResult } from '@tanstack/react-query';
import { useNotify, useRefresh } from 'react-admin';
import { callApi } from './call-api.ts';

export interface ActionAnswer {
  readonly done: number;
  readonly refused: readonly { readonly id: string; readonly why: string }[];
}

export interface Action {
  readonly path: string;
  readonly method?: 'POST' | 'PUT' | 'PATCH';
  readonly body?: unknown;
  /** What is said when it is done. */
  readonly told: (answer: ActionAnswer) => string;
}

/** Does something on the server, says what came of it, and reads the page anew. */
export function useAction(whenDone?: () => void): UseMutationResult<ActionAnswer, Error, Action> {
  const notify = useNotify();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ path, method = 'POST', body }: Action) => callApi<ActionAnswer>(path, { method, body }),
    onSuccess(answer, { told }) {
      const [first] = answer.refused ?? [];
      notify(first === undefined ? told(answer) : `${told(answer)}; ${answer.refused.length} not: ${first.why}`, {
        type: first === undefined ? 'success' : 'warning',
      });
      whenDone?.();
      refresh();
    },
    onError: (error) => notify(error.message, { type: 'error' }),
  });
}
