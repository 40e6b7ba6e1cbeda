import type { ConsoleSession } from '@ai-core/store';
import { hasRole } from '../access-rules.ts';
import { html, type Html } from '../html.ts';
import type { DayCost, Overview, ServiceHealth } from '../overview.ts';
import { alignMoney, showMoney } from '../show-money.ts';
import { layout } from './layout.ts';

const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const COUNT = new Intl.NumberFormat('en');
const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
/** After this long the figures of the day are called old. */
const STALE_MS = 120_000;

function healthTile(name: string, health: ServiceHealth, detail: string): Html {
  const isOk = health.state === 'ok';
  return html`<li class="tile ${isOk ? 'good' : 'bad'}">
    <span class="label">${name}</span>
    <span class="value">${isOk ? 'OK' : 'Unreachable'}</span>
    <span class="detail">${isOk ? `${detail}${health.latency_ms} ms` : 'did not answer in time'}</span>
  </li>`;
}

function workersTile(overview: Overview): Html {
  const count = overview.workers?.length ?? null;
  return html`<li class="tile ${count === null || count === 0 ? 'bad' : 'good'}">
    <span class="label">Workers</span>
    <span class="value">${count === null ? 'Unknown' : COUNT.format(count)}</span>
    <span class="detail">${count === 0 ? 'nothing is being worked on' : count === null ? 'Postgres did not answer' : 'alive'}</span>
  </li>`;
}

/** How old the figures are, in words a person needs. */
export function describeAge(ageMs: number | null): string {
  if (ageMs === null) return 'not counted yet';
  if (ageMs < STALE_MS) return `counted ${COUNT.format(Math.round(ageMs / 1_000))} s ago`;
  return `counted ${COUNT.format(Math.round(ageMs / 60_000))} min ago: is a maintenance worker alive?`;
}

function daySection(day: DayCost, age: string): Html {
  const id = day.simulated ? 'simulated' : 'real';
  const figures = [
    { label: 'Cost', value: html`<abbr title="$${day.cost_usd}">${showMoney(day.cost_usd)}</abbr>` },
    { label: 'Saved', value: html`<abbr title="$${day.saved_usd}">${showMoney(day.saved_usd)}</abbr>` },
    { label: 'Requests', value: COUNT.format(day.requests) },
    { label: 'Hit rate', value: day.requests === 0 ? '–' : PERCENT.format(day.hit_rate) },
    { label: 'Failures', value: COUNT.format(day.failures) },
  ];
  return html`<section aria-labelledby="${id}" class="${day.simulated ? 'simulated' : ''}">
    <h2 id="${id}">Today ${day.simulated && html`<span class="badge">simulated</span>`} <span class="aside">UTC, ${age}</span></h2>
    ${day.simulated && html`<p class="hint">Answers of emulated providers at real prices. Nobody was charged.</p>`}
    <dl class="figures">
      ${figures.map(
        (figure) =>
          html`<div>
            <dt>${figure.label}</dt>
            <dd>${figure.value}</dd>
          </div>`,
      )}
    </dl>
    ${day.lines.length === 0 ? html`<p class="hint">No requests yet today.</p>` : costTable(day)}
  </section>`;
}

function costTable(day: DayCost): Html {
  const costs = alignMoney(day.lines.map((line) => line.cost_usd));
  const savings = alignMoney(day.lines.map((line) => line.saved_usd));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Cost by model">
    <table>
      <thead>
        <tr>
          <th scope="col">Provider</th>
          <th scope="col">Model</th>
          <th scope="col">Type</th>
          <th scope="col" class="number">Requests</th>
          <th scope="col" class="number">From memory</th>
          <th scope="col" class="number">Cost, $</th>
          <th scope="col" class="number">Saved, $</th>
        </tr>
      </thead>
      <tbody>
        ${day.lines.map(
          (line, index) =>
            html`<tr>
              <td>${line.provider}</td>
              <td>${line.model}</td>
              <td>${line.request_type}</td>
              <td class="number">${COUNT.format(line.requests)}</td>
              <td class="number">${COUNT.format(line.cache_hits)}</td>
              <td class="number">${costs[index]}</td>
              <td class="number">${savings[index]}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function queuesSection(overview: Overview, isAdmin: boolean): Html {
  const intro = isAdmin ? 'Open the queues to pause, retry or empty them.' : 'Open the queues to look at their entries.';
  return html`<section aria-labelledby="queues">
    <h2 id="queues">Queues <span class="aside">on ${overview.queue.backend === 'redis' ? 'Redis' : 'Postgres'}</span></h2>
    <p><a href="/queues">${intro}</a></p>
    ${overview.depths === null ? html`<p class="problem">The queue did not answer.</p>` : depthsTable(overview.depths)}
  </section>`;
}

function depthsTable(depths: NonNullable<Overview['depths']>): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Queue depths">
    <table>
      <thead>
        <tr>
          <th scope="col">Queue</th>
          <th scope="col" class="number">Waiting</th>
          <th scope="col" class="number">Active</th>
          <th scope="col" class="number">Delayed</th>
        </tr>
      </thead>
      <tbody>
        ${depths.map(
          (depth) =>
            html`<tr>
              <td><a href="/queues/queue/${encodeURIComponent(depth.queue)}">${depth.queue}</a></td>
              <td class="number">${COUNT.format(depth.waiting)}</td>
              <td class="number">${COUNT.format(depth.active)}</td>
              <td class="number">${COUNT.format(depth.delayed)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function workersSection(overview: Overview): Html {
  const { workers } = overview;
  if (workers === null || workers.length === 0) return html``;
  return html`<section aria-labelledby="workers">
    <h2 id="workers">Workers</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Workers alive">
      <table>
        <thead>
          <tr>
            <th scope="col">Host</th>
            <th scope="col" class="number">Process</th>
            <th scope="col">Since, UTC</th>
            <th scope="col">Serves</th>
          </tr>
        </thead>
        <tbody>
          ${workers.map(
            (worker) =>
              html`<tr>
                <td>${worker.host}</td>
                <td class="number">${worker.process_id}</td>
                <td>${MOMENT.format(new Date(worker.started_at))}</td>
                <td class="wrap">${worker.roles.join(', ')}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** What the operator sees first: does it run, what does it cost, where is work piling up. */
export function startPage(session: ConsoleSession, overview: Overview, isPreparing = false): string {
  const age = describeAge(overview.rolled_up_ms_ago);
  // A day without simulated requests needs no section for them; real money is always shown unless there is only simulated.
  const days = (overview.today ?? []).filter(
    (day, _, all) => day.requests > 0 || (!day.simulated && all.every((other) => other.requests === 0)),
  );
  return layout({
    title: 'Overview',
    session,
    body: html`<h1>Overview</h1>
      ${isPreparing ? html`<p class="hint" role="status">The console is being prepared; this page turns into it by itself within seconds.</p>` : ''}
      <ul class="tiles" aria-label="Health">
        ${healthTile('Postgres', overview.postgres, '')}
        ${healthTile('Queue', overview.queue, overview.queue.backend === 'redis' ? 'Redis, ' : 'in Postgres, ')} ${workersTile(overview)}
      </ul>
      ${overview.today === null ? html`<p class="problem">Today’s cost is not known: Postgres did not answer.</p>` : days.map((day) => daySection(day, age))}
      ${queuesSection(overview, hasRole(session.user.role, 'admin'))} ${workersSection(overview)}`,
  });
}
