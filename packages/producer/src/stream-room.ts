import { parseStreamMessage, questionMessage, streamTopic, type Messages, type StreamMessage } from '@ai-core/queue';

/** One who watches a job's text come. */
export interface Watcher {
  onMessage(message: StreamMessage): void;
  /** The subscription stands, for the first time or again: what came before may be missing. */
  onReady(): void;
}

export interface StreamRoom {
  /** @returns a function that ends the watch; others of the same job go on */
  watch(jobId: string, watcher: Watcher): () => void;
  /** Asks for the text of a job from a place on; whoever has it sends it to all who watch. */
  ask(jobId: string, from: number): void;
}

export interface StreamRoomOptions {
  readonly messages: Messages;
  readonly onError: (error: unknown) => void;
}

interface Entry {
  readonly watchers: Set<Watcher>;
  readonly subscription: Promise<() => Promise<void>>;
  ready: boolean;
}

/** Any number of watchers in this process on one subscription for each job; nothing is subscribed while nobody watches. */
export function createStreamRoom({ messages, onError }: StreamRoomOptions): StreamRoom {
  const entries = new Map<string, Entry>();
  /** Subscriptions that are being given up: the next one of the same job waits, or its messages would be cut with the old one's. */
  const ending = new Map<string, Promise<void>>();

  function open(jobId: string): Entry {
    const watchers = new Set<Watcher>();
    const tellReady = (): void => {
      entry.ready = true;
      for (const watcher of watchers) watcher.onReady();
    };
    const onMessage = (text: string): void => {
      const message = parseStreamMessage(text);
      if (message !== undefined) for (const watcher of watchers) watcher.onMessage(message);
    };
    const subscription = Promise.resolve(ending.get(jobId)).then(() => messages.subscribe(streamTopic(jobId), onMessage, tellReady));
    const entry: Entry = { watchers, subscription, ready: false };
    subscription.then(tellReady, onError);
    entries.set(jobId, entry);
    return entry;
  }

  function close(jobId: string, entry: Entry): void {
    entries.delete(jobId);
    const ended = entry.subscription
      .then((unsubscribe) => unsubscribe())
      .catch(onError)
      .finally(() => {
        if (ending.get(jobId) === ended) ending.delete(jobId);
      });
    ending.set(jobId, ended);
  }

  return {
    watch(jobId, watcher) {
      const entry = entries.get(jobId) ?? open(jobId);
      entry.watchers.add(watcher);
      if (entry.ready) watcher.onReady();
      return () => {
        if (entry.watchers.delete(watcher) && entry.watchers.size === 0) close(jobId, entry);
      };
    },
    ask(jobId, from) {
      messages.publish([questionMessage({ jobId, from })]).catch(onError);
    },
  };
}
