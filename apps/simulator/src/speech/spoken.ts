import { Worker } from 'node:worker_threads';
import type { SpeechEngine } from '../speech.ts';
import type { SpokenReply, SpokenRequest } from './spoken-thread.ts';

interface Waiting {
  settle(bytes: Uint8Array): void;
  fail(error: Error): void;
}

/** Synthesised speech, made in a thread of its own that starts with the first utterance and does not keep the process alive. */
export function spokenSpeech(): SpeechEngine {
  let thread: Worker | undefined;
  let nextId = 1;
  const waiting = new Map<number, Waiting>();

  function failAll(error: Error): void {
    thread = undefined;
    for (const entry of waiting.values()) entry.fail(error);
    waiting.clear();
  }

  function startThread(): Worker {
    const started = new Worker(new URL('./spoken-thread.ts', import.meta.url));
    started.unref();
    started.on('message', (reply: SpokenReply) => {
      const entry = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ('bytes' in reply) entry?.settle(reply.bytes);
      else entry?.fail(new Error(`Speech could not be made: ${reply.error}`));
    });
    started.on('error', (error) => failAll(error instanceof Error ? error : new Error('The speech thread failed.')));
    started.on('exit', () => failAll(new Error('The speech thread has ended.')));
    return started;
  }

  return {
    speak(utterance) {
      thread ??= startThread();
      const id = nextId;
      nextId += 1;
      return new Promise((settle, fail) => {
        waiting.set(id, { settle, fail });
        thread?.postMessage({ id, utterance } satisfies SpokenRequest);
      });
    },
    async close() {
      await thread?.terminate();
    },
  };
}
