/** Calls of the console's own API. */
import { HttpError } from 'react-admin';

let csrfToken = '';

export interface Session {
  readonly name: string;
  readonly role: Role;
  readonly csrf_token: string;
}

export const ROLES = ['viewer', 'reviewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly body?: unknown;
}

function describe(problem: unknown): string {
  const detail = typeof problem === 'object' && problem !== null && 'detail' in problem ? problem.detail : null;
  return typeof detail === 'string' ? detail : 'The console did not answer as expected.';
}

/** @throws HttpError with the sentence of the server */
export async function callApi<Answer>(path: string, { method = 'GET', body }: Call = {}): Promise<Answer> {
  const response = await fetch(path, {
    method,
    headers: {
      accept: 'application/json',
      ...(method === 'GET' ? {} : { 'x-csrf-token': csrfToken }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new HttpError(describe(answer), response.status, answer);
  return answer as Answer;
}

/** Who is logged in; also learns the token that every change must carry. */
export async function readSession(): Promise<Session> {
  const session = await callApi<Session>('/api/session');
  csrfToken = session.csrf_token;
  return session;
}

/** Ends the session and goes to the door. */
export async function logOut(): Promise<never> {
  await fetch('/logout', { method: 'POST', headers: { 'x-csrf-token': csrfToken } }).catch(() => undefined);
  window.location.assign('/login');
  return new Promise(() => undefined);
}
