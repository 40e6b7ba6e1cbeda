/** Guesses at what belongs to others, through every door that takes a scope, a job, an answer or a group. */
import fc from 'fast-check';
import type { Fleet } from './fleet.ts';
import { guessedScopes } from './guessed-scopes.ts';
import { callHttp, type HttpAnswer } from './http-client.ts';

/** What nobody but the owner may ever be told. */
const SECRET = 'Zirconium';
const LANES = 24;
/** A guess within the prober's own scopes is a request like any other, and makes work: few are enough. */
const OWN_EVERY = 50;

export interface ProbeFigures {
  readonly probes: number;
  /** Answers of the owner's that a probe was given. */
  readonly hits: readonly string[];
  /** Statuses and how often each came. */
  readonly statuses: Readonly<Record<string, number>>;
}

interface Known {
  readonly jobId: string;
  readonly memoryId: string;
  readonly groupId: string;
}

const ids = fc.oneof(fc.uuid(), fc.constant('00000000-0000-0000-0000-000000000000'));

type Probe = (guess: { scope: string; id: string }, call: (path: string, body?: object) => Promise<HttpAnswer>) => Promise<HttpAnswer>;

/** A door each, with guesses and with what the owner's own ids are: knowing an id is no right to it. */
function probesFor({ jobId, memoryId, groupId }: Known, prompt: string): Probe[] {
  return [
    ({ scope }, call) => call('/v1/text', { request_type: 'summary', prompt, scope, wait_s: 0 }),
    ({ scope }, call) =>
      call('/v1/chat/completions', { model: 'auto', messages: [{ role: 'user', content: prompt }], metadata: { scope } }),
    ({ scope }, call) => call('/v1/audio', { text: prompt, language: 'en', scope, wait_s: 0 }),
    ({ scope }, call) => call('/v1/text', { request_type: 'summary', prompt, scope, estimate: true }),
    (_, call) => call(`/v1/jobs/${jobId}`),
    (_, call) => call(`/v1/jobs/${jobId}/events`),
    (_, call) => call(`/v1/bulk/${groupId}`),
    (_, call) => call(`/v1/audio/${memoryId}`),
    (_, call) => call(`/v1/memory/${memoryId}/rating`, { user_id: 1, rating: 1 }),
    ({ id }, call) => call(`/v1/jobs/${id}`),
    ({ id }, call) => call(`/v1/jobs/${jobId}?request_id=${id}`),
    ({ id }, call) => call(`/v1/audio/${id}`),
  ];
}

/** What the owner has: an answer in scope user:1, with its job, and a group of requests. */
async function ownSomething(url: string, key: string, prompt: string): Promise<Known> {
  const one = await callHttp(`${url}/v1/text`, { key, body: { request_type: 'summary', prompt, scope: 'user:1' } });
  const line = `${JSON.stringify({ kind: 'text', request_type: 'summary', prompt, scope: 'user:1' })}\n`;
  const group = await callHttp(`${url}/v1/bulk`, { key, body: line, headers: { 'content-type': 'application/x-ndjson' } });
  return { jobId: String(one.body['job_id']), memoryId: String(one.body['memory_id']), groupId: String(group.body['group_id']) };
}

/**
 * Probes so many times with a key that is limited to scopes `user:2*`.
 * @param url of a gateway of the fleet
 * @throws when the owner's own request does not work: then nothing would be probed
 */
export async function probeScopes(fleet: Fleet, { url, count }: { readonly url: string; readonly count: number }): Promise<ProbeFigures> {
  const prompt = `The secret of ${SECRET}`;
  const known = await ownSomething(url, await fleet.makeKey('owner'), prompt);
  if (Object.values(known).some((id) => id === 'undefined' || id === 'null'))
    throw new Error(`The owner has nothing: ${JSON.stringify(known)}`);
  const key = await fleet.makeKey('prober', 'app', { scopes: ['user:2*'] });
  const probes = probesFor(known, prompt);
  const guesses = fc.sample(fc.record({ scope: guessedScopes, id: ids }), { numRuns: count, seed: 11 });
  const hits: string[] = [];
  const statuses: Record<string, number> = {};
  let next = 0;

  async function probeOnce(index: number): Promise<void> {
    const guess = guesses[index];
    const probe = probes[index % probes.length];
    if (guess === undefined || probe === undefined) return;
    const isOwn = index % OWN_EVERY === 0;
    const scope = isOwn ? `user:2${guess.scope.replaceAll(/[^\w]/g, '')}` : guess.scope.startsWith('user:2') ? 'user:1' : guess.scope;
    const answer = await probe({ ...guess, scope }, (path, body) => callHttp(`${url}${path}`, { key, body }));
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    const given = answer.status < 300 && answer.body['memory_id'] === known.memoryId;
    // Its own answer to the same prompt says the same: that one is the prober's.
    const told = !isOwn && (answer.status < 400 || answer.text.includes(SECRET));
    // 503: a machine too busy to answer has told nobody anything, which `told` has looked at.
    if (given || told || (answer.status >= 500 && answer.status !== 503))
      hits.push(`${answer.status} for ${JSON.stringify(scope)} at probe ${index % probes.length}`);
  }

  await Promise.all(
    Array.from({ length: LANES }, async () => {
      while (next < count) await probeOnce(next++);
    }),
  );
  const { rows } = await fleet.database.pool.query<{ scope: string }>(
    `select scope from ai_job where caller = 'prober' and scope not like 'user:2%' and scope not like 'once:%'`,
  );
  hits.push(...rows.map(({ scope }) => `a job in ${scope}`));
  return { probes: next, hits, statuses };
}
