import type { ConsoleSession } from '@ai-core/store';
import { html } from '../html.ts';
import { layout } from './layout.ts';

export interface Message {
  readonly title: string;
  readonly text: string;
  readonly session: ConsoleSession | null;
}

/** One message with a way back: errors, and pages that are not there. */
export function messagePage(message: Message): string {
  return layout({
    title: message.title,
    session: message.session,
    body: html`<section class="card narrow">
      <h1>${message.title}</h1>
      <p>${message.text}</p>
      <p><a href="/">Back to the overview</a></p>
    </section>`,
  });
}
