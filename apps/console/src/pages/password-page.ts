import type { ConsoleSession } from '@ai-core/store';
import { html } from '../html.ts';
import { csrfField, layout } from './layout.ts';

/** Change of one's own password; the only page there is while a given-out password is still in use. */
export function passwordPage(session: ConsoleSession, problem: string | null): string {
  const { user } = session;
  const described = problem !== null && html`aria-describedby="problem"`;
  return layout({
    title: 'Change password',
    session,
    body: html`<section class="card narrow">
      <h1>Change password</h1>
      ${user.mustChangePassword && html`<p>Your password was given out by somebody else. Choose one that only you know to go on.</p>`}
      ${problem !== null && html`<p class="problem" role="alert" id="problem">${problem}</p>`}
      <form method="post" action="/password">
        ${csrfField(session)}
        <input type="hidden" name="username" value="${user.name}" autocomplete="username" />
        <label for="current">Current password</label>
        <input
          id="current"
          name="current"
          type="password"
          autocomplete="current-password"
          maxlength="512"
          required
          autofocus
          ${described}
        />
        <label for="new">New password</label>
        <input
          id="new"
          name="new"
          type="password"
          autocomplete="new-password"
          minlength="12"
          maxlength="128"
          required
          aria-describedby="rule"
        />
        <p class="hint" id="rule">At least 12 characters. A few words are better than a short jumble.</p>
        <label for="again">New password again</label>
        <input id="again" name="again" type="password" autocomplete="new-password" minlength="12" maxlength="128" required />
        <button type="submit">Change password</button>
      </form>
    </section>`,
  });
}
