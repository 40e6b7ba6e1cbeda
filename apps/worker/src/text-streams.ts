import { deltaMessages, parseStreamQuestion, resetMessage, STREAM_QUESTIONS_TOPIC, type Messages } from '@ai-core/queue';

/** After the first piece, which goes at once. */
const EVERY_MS = 20;

/** One text on its way to whoever watches it come. */
export interface TextStream {
  /** Takes the next piece. Never throws: the call it comes from is already paid. */
  push(piece: string): void;
  /** The call is over. After a failure everything that was sent is taken back. */
  end(outcome: 'answered' | 'failed'): void;
}

export interface TextStreams {
  /** @param job the attempt whose text comes; nothing is sent before its first piece */
  open(job: { readonly jobId: string; readonly fence: string }): TextStream;
}

export interface TextStreamsOptions {
  readonly messages: Messages;
  /** Told what could not be sent; the answer has it all. */
  readonly onError: (error: unknown) => void;
}

interface Running extends TextStream {
  repeat(from: number): void;
}

/** Sends texts as they come, in order, and again from where somebody asks for them. Listens only once a text has been streamed. */
export function createTextStreams({ messages, onError }: TextStreamsOptions): TextStreams {
  const running = new Map<string, Running>();
  let listening = false;

  function listen(): void {
    if (listening) return;
    listening = true;
    const onQuestion = (text: string): void => {
      const question = parseStreamQuestion(text);
      if (question !== undefined) running.get(question.jobId)?.repeat(question.from);
    };
    messages
      .subscribe(STREAM_QUESTIONS_TOPIC, onQuestion, () => undefined)
      .catch((error: unknown) => {
        listening = false;
        onError(error);
      });
  }

  return {
    open({ jobId, fence }) {
      listen();
      let text = '';
      /** Place up to which the text was sent; a question sets it back. */
      let sent = 0;
      let begun = false;
      /** One at a time: on Postgres two messages could overtake each other. */
      let sending: Promise<void> | undefined;
      let timer: NodeJS.Timeout | undefined;

      function flush(): void {
        timer = undefined;
        if (sending !== undefined || sent >= text.length) return;
        const part = { from: sent, text: text.slice(sent) };
        sent = text.length;
        begun = true;
        sending = messages
          .publish(deltaMessages(jobId, fence, part))
          .catch(onError)
          .finally(() => {
            sending = undefined;
            if (sent < text.length) schedule();
          });
      }
      function schedule(): void {
        timer ??= setTimeout(flush, EVERY_MS);
      }

      const stream: Running = {
        push(piece) {
          text += piece;
          if (begun) schedule();
          else flush();
        },
        repeat(from) {
          if (from >= sent) return;
          sent = from;
          schedule();
        },
        end(outcome) {
          running.delete(jobId);
          clearTimeout(timer);
          if (outcome === 'answered') {
            flush();
          } else if (begun) {
            // Nothing more of it, then the word that it was in vain.
            sent = text.length;
            void Promise.resolve(sending)
              .then(() => messages.publish([resetMessage(jobId, fence)]))
              .catch(onError);
          }
        },
      };
      running.set(jobId, stream);
      return stream;
    },
  };
}
