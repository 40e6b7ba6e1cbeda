import type { ConsoleSession } from '@ai-core/store';
import { html, type Html, type HtmlValue } from '../html.ts';
import { ASSET_URLS } from '../asset-files.ts';

export interface Page {
  readonly title: string;
  /** Whoever is logged in; null on pages before the login. */
  readonly session: ConsoleSession | null;
  readonly body: HtmlValue;
}

/** The hidden field every form of a logged-in user carries. */
export function csrfField(session: ConsoleSession): Html {
  return html`<input type="hidden" name="_csrf" value="${session.csrfToken}" />`;
}

function header(session: ConsoleSession): Html {
  const links = session.user.mustChangePassword
    ? html``
    : html`<nav aria-label="Console"><a href="/">Overview</a><a href="/queues">Queues</a><a href="/password">Password</a></nav>`;
  return html`<header class="bar">
    <a class="brand" href="/">AI Core</a>
    ${links}
    <form class="who" method="post" action="/logout">
      ${csrfField(session)}
      <span><b>${session.user.name}</b> <span class="role">${session.user.role}</span></span>
      <button class="quiet" type="submit">Log out</button>
    </form>
  </header>`;
}

/** A whole document. Nothing in it comes from another host. */
export function layout(page: Page): string {
  const isBare = page.session === null;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${page.title} · AI Core</title>
        <link rel="icon" type="image/svg+xml" href="${ASSET_URLS['icon.svg']}" />
        <link rel="stylesheet" href="${ASSET_URLS['console.css']}" />
      </head>
      <body class="${isBare ? 'bare' : 'console'}">
        ${page.session === null ? '' : header(page.session)}
        <main>${page.body}</main>
      </body>
    </html>`.markup;
}
