/**
 * Who may do what in the console: one table. The server refuses to start with a route that is not in it, so nothing is
 * reachable by having been forgotten.
 */
import { CONSOLE_ROLES, type ConsoleRole } from '@ai-core/store';

/** `nothing`: open to anyone. `login`: anyone who is logged in, also before a given-out password was changed. A role: it or a higher one. */
export type Need = 'nothing' | 'login' | ConsoleRole;

export interface AccessRule {
  /** HTTP method, or `*` for every method without a line of its own. */
  readonly method: string;
  /** Path of the route as it is registered; a `/**` at its end covers everything below. */
  readonly path: string;
  readonly need: Need;
  /** Asked by pages on their own, without anybody touching them: does not keep a session alive. */
  readonly isPoll?: boolean;
}

export const ACCESS_RULES: readonly AccessRule[] = [
  { method: 'GET', path: '/healthz', need: 'nothing' },
  { method: 'GET', path: '/readyz', need: 'nothing' },
  { method: 'GET', path: '/assets/:file', need: 'nothing' },
  { method: 'GET', path: '/login', need: 'nothing' },
  { method: 'POST', path: '/login', need: 'nothing' },
  { method: 'POST', path: '/logout', need: 'login' },
  { method: 'GET', path: '/password', need: 'login' },
  { method: 'POST', path: '/password', need: 'login' },
  { method: 'GET', path: '/api/session', need: 'login' },
  { method: 'GET', path: '/', need: 'viewer' },
  { method: 'GET', path: '/app/:file', need: 'viewer' },
  { method: 'GET', path: '/api/overview', need: 'viewer' },
  { method: 'GET', path: '/api/dashboard', need: 'viewer' },
  { method: 'GET', path: '/api/savings', need: 'viewer' },
  { method: 'GET', path: '/api/tier-proposals', need: 'viewer' },
  { method: 'POST', path: '/api/tier-proposals/apply', need: 'admin' },
  { method: 'POST', path: '/api/tier-proposals/undo', need: 'admin' },
  { method: 'GET', path: '/api/receipts/:id', need: 'viewer' },
  { method: 'GET', path: '/api/health', need: 'viewer', isPoll: true },
  { method: 'GET', path: '/api/providers', need: 'viewer' },
  { method: 'POST', path: '/api/providers', need: 'admin' },
  { method: 'GET', path: '/api/providers/:id', need: 'viewer' },
  { method: 'PATCH', path: '/api/providers/:id', need: 'admin' },
  { method: 'POST', path: '/api/providers/:id/successor', need: 'admin' },
  // It spends: whoever may send failed jobs round again may do this too.
  { method: 'POST', path: '/api/providers/:id/try', need: 'operator' },
  { method: 'GET', path: '/api/tries/:id/audio', need: 'viewer' },
  // Only tells: nobody is asked and nothing is written.
  { method: 'POST', path: '/api/selection', need: 'viewer' },
  { method: 'GET', path: '/api/live', need: 'viewer', isPoll: true },
  { method: 'GET', path: '/api/providers/:id/prices', need: 'viewer' },
  { method: 'POST', path: '/api/providers/:id/prices', need: 'admin' },
  { method: 'GET', path: '/api/memory', need: 'viewer' },
  { method: 'GET', path: '/api/memory/:id', need: 'viewer' },
  { method: 'GET', path: '/api/memory/:id/audio', need: 'viewer' },
  { method: 'POST', path: '/api/memory/actions/:action', need: 'reviewer' },
  { method: 'POST', path: '/api/memory/:id/rating', need: 'reviewer' },
  { method: 'GET', path: '/api/training-data', need: 'viewer' },
  { method: 'GET', path: '/api/training-review', need: 'viewer' },
  { method: 'GET', path: '/api/training-counts', need: 'viewer' },
  { method: 'PATCH', path: '/api/training-data/:id', need: 'reviewer' },
  { method: 'POST', path: '/api/training-exports', need: 'operator' },
  { method: 'GET', path: '/api/training-files/:origin/:file', need: 'operator' },
  { method: 'GET', path: '/api/training-runs', need: 'viewer' },
  { method: 'GET', path: '/api/training-runs/:version', need: 'viewer' },
  { method: 'POST', path: '/api/training-runs/:version/evaluate', need: 'operator' },
  { method: 'POST', path: '/api/training-runs/:version/deploy', need: 'admin' },
  { method: 'POST', path: '/api/own-model/rollback', need: 'operator' },
  { method: 'GET', path: '/api/blind-pairs', need: 'reviewer' },
  { method: 'GET', path: '/api/blind-progress', need: 'viewer' },
  { method: 'POST', path: '/api/blind-pairs/:id', need: 'reviewer' },
  { method: 'GET', path: '/api/experiments', need: 'viewer' },
  { method: 'GET', path: '/api/experiments/:name', need: 'viewer' },
  { method: 'POST', path: '/api/experiments', need: 'admin' },
  { method: 'POST', path: '/api/experiments/:name/stop', need: 'operator' },
  { method: 'GET', path: '/api/usage', need: 'viewer' },
  { method: 'GET', path: '/api/jobs', need: 'viewer' },
  { method: 'GET', path: '/api/jobs/:id', need: 'viewer' },
  { method: 'POST', path: '/api/jobs/actions/retry', need: 'operator' },
  { method: 'POST', path: '/api/jobs/actions/redrive', need: 'operator' },
  { method: 'POST', path: '/api/jobs/actions/cancel', need: 'operator' },
  { method: 'GET', path: '/api/budgets', need: 'viewer' },
  { method: 'PUT', path: '/api/budgets', need: 'admin' },
  { method: 'GET', path: '/api/api-keys', need: 'operator' },
  { method: 'POST', path: '/api/api-keys', need: 'admin' },
  { method: 'POST', path: '/api/api-keys/:name/revoke', need: 'admin' },
  { method: 'GET', path: '/api/users', need: 'admin' },
  { method: 'POST', path: '/api/users', need: 'admin' },
  { method: 'PATCH', path: '/api/users/:id', need: 'admin' },
  { method: 'POST', path: '/api/users/:id/password', need: 'admin' },
  { method: 'GET', path: '/api/changes', need: 'operator' },
  { method: 'GET', path: '/queues/api/queues', need: 'viewer', isPoll: true },
  { method: 'GET', path: '/queues/**', need: 'viewer' },
  { method: '*', path: '/queues/**', need: 'admin' },
];

function covers(rule: AccessRule, path: string): boolean {
  if (!rule.path.endsWith('/**')) return rule.path === path;
  const folder = rule.path.slice(0, -'/**'.length);
  return path === folder || path.startsWith(`${folder}/`);
}

/**
 * The rule of a route: the first line of the table that covers its path and names its method, else the first that covers it with `*`.
 * @param method HEAD counts as GET
 * @returns undefined when the table does not know the route
 */
export function findAccessRule(method: string, path: string): AccessRule | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const covering = ACCESS_RULES.filter((rule) => covers(rule, path));
  return covering.find((rule) => rule.method === wanted) ?? covering.find((rule) => rule.method === '*');
}

/** @returns true when `role` is `least` or a higher one */
export function hasRole(role: ConsoleRole, least: ConsoleRole): boolean {
  return CONSOLE_ROLES.indexOf(role) >= CONSOLE_ROLES.indexOf(least);
}
