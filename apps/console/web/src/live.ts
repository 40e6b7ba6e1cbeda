/** What the server tells open pages without being asked. While the page is hidden nothing is listened to. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

/** Queries by the first part of their key: what is read anew when the event comes. */
const READ_ANEW = { jobs: 'jobs', 'training-runs': 'training-runs' } as const;

/** Listens as long as the page is shown. */
export function useLive(): void {
  const queries = useQueryClient();
  useEffect(() => {
    let source: EventSource | undefined;
    const stop = (): void => {
      source?.close();
      source = undefined;
    };
    const listen = (): void => {
      if (document.hidden) return stop();
      if (source !== undefined) return;
      source = new EventSource('/api/live');
      source.addEventListener('health', ({ data }: MessageEvent<string>) => queries.setQueryData(['health'], JSON.parse(data)));
      for (const [event, key] of Object.entries(READ_ANEW)) {
        source.addEventListener(event, () => void queries.invalidateQueries({ queryKey: [key] }));
      }
      // The session has ended: the next click leads to the door.
      source.addEventListener('ended', stop);
    };
    listen();
    document.addEventListener('visibilitychange', listen);
    return () => {
      document.removeEventListener('visibilitychange', listen);
      stop();
    };
  }, [queries]);
}
