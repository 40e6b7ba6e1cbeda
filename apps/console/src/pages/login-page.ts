import { html } from '../html.ts';
import { layout } from './layout.ts';

export interface LoginPage {
  /** Where to go afterwards. */
  readonly next: string;
  /** What went wrong, one sentence; null on the first visit. */
  readonly problem: string | null;
  /** What was typed as name, to be corrected. */
  readonly name: string;
}

/** The door. */
export function loginPage(page: LoginPage): string {
  return layout({
    title: 'Log in',
    session: null,
    body: html`<section class="card narrow">
      <p class="brand">AI Core</p>
      <h1>Log in to the console</h1>
      ${page.problem !== null && html`<p class="problem" role="alert" id="problem">${page.problem}</p>`}
      <form method="post" action="/login">
        <input type="hidden" name="next" value="${page.next}" />
        <label for="name">Name</label>
        <input
          id="name"
          name="name"
          value="${page.name}"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          maxlength="128"
          required
          ${page.name === '' && html`autofocus`}
          ${page.problem !== null && html`aria-describedby="problem"`}
        />
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          maxlength="512"
          required
          ${page.name !== '' && html`autofocus`}
          ${page.problem !== null && html`aria-describedby="problem"`}
        />
        <button type="submit">Log in</button>
      </form>
    </section>`,
  });
}
