/** Lists and rows of the console's API for react-admin. Lists are read by where the page before ended, never by counting rows. */
import { HttpError, type DataProvider, type GetListParams, type RaRecord } from 'react-admin';
import { callApi } from './call-api.ts';
import { isSimulated } from './simulated.ts';

interface Page {
  readonly rows: RaRecord[];
  readonly next: string | null;
}

/** Where pages begin, by list and filters; pages that were not leafed to are reached from the first. */
const cursors = new Map<string, string>();

function question(resource: string, { pagination, filter }: GetListParams): URLSearchParams {
  const query = new URLSearchParams({ simulated: String(isSimulated()), limit: String(pagination?.perPage ?? 25) });
  for (const [name, value] of Object.entries(filter as Record<string, unknown>)) {
    if (typeof value === 'string' ? value !== '' : typeof value === 'boolean' || typeof value === 'number') query.set(name, String(value));
  }
  query.set('of', resource);
  return query;
}

/** One page, made of several answers where the server has looked through much and found little. */
async function fillPage(resource: string, query: URLSearchParams, cursor: string | undefined): Promise<Page> {
  const wanted = Number(query.get('limit'));
  const asked = new URLSearchParams(query);
  const rows: RaRecord[] = [];
  for (let next = cursor ?? null; ;) {
    if (next !== null) asked.set('cursor', next);
    asked.set('limit', String(wanted - rows.length));
    const answer = await callApi<Page>(`/api/${resource}?${asked.toString()}`);
    rows.push(...answer.rows);
    if (answer.next === null || rows.length >= wanted) return { rows, next: answer.next };
    next = answer.next;
  }
}

async function readPage(resource: string, parameters: GetListParams, wanted: number): Promise<Page> {
  const query = question(resource, parameters);
  const list = query.toString();
  query.delete('of');
  let page = wanted;
  while (page > 1 && !cursors.has(`${list} ${page}`)) page--;
  for (; ; page++) {
    const answer = await fillPage(resource, query, page > 1 ? cursors.get(`${list} ${page}`) : undefined);
    if (answer.next !== null) cursors.set(`${list} ${page + 1}`, answer.next);
    if (page === wanted || answer.next === null) return answer;
  }
}

const LISTED_WHOLE: ReadonlySet<string> = new Set(['users', 'api-keys', 'budgets']);

async function readOne(resource: string, id: unknown): Promise<RaRecord> {
  if (!LISTED_WHOLE.has(resource)) return callApi<RaRecord>(`/api/${resource}/${encodeURIComponent(String(id))}`);
  const { rows } = await callApi<Page>(`/api/${resource}`);
  const row = rows.find((candidate) => candidate.id === id);
  if (row === undefined) throw new HttpError('There is no such row.', 404);
  return row;
}

/** Lists that come whole and are short: which of their rows the filters leave. */
const CHOSEN_HERE: Readonly<Record<string, (row: RaRecord, filter: Record<string, string>) => boolean>> = {
  providers: (row, { search = '', kind, tier, state }) =>
    `${row['provider']}/${row['modelName']}`.toLowerCase().includes(search.toLowerCase()) &&
    (kind === undefined || kind === row['kind']) &&
    (tier === undefined || tier === row['tier']) &&
    (state === undefined || (state === 'ending' ? row['shutdownDate'] !== null : row['isActive'] === (state === 'chosen'))),
};

async function chooseHere(resource: string, { pagination, filter }: GetListParams): Promise<{ data: RaRecord[]; total: number }> {
  const { rows } = await callApi<Page>(`/api/${resource}`);
  const chosen = rows.filter((row) => CHOSEN_HERE[resource]?.(row, filter as Record<string, string>) ?? true);
  const { page = 1, perPage = chosen.length } = pagination ?? {};
  return { data: chosen.slice((page - 1) * perPage, page * perPage), total: chosen.length };
}

/** react-admin's types promise each caller its own kind of row; what the server sends is one kind for each resource. */
export const dataProvider = {
  async getList(resource: string, parameters: GetListParams) {
    const page = parameters.pagination?.page ?? 1;
    if (Object.hasOwn(CHOSEN_HERE, resource)) return chooseHere(resource, parameters);
    const { rows, next } = await readPage(resource, parameters, page);
    if (next !== null) return { data: rows, pageInfo: { hasNextPage: true, hasPreviousPage: page > 1 } };
    // Only on the last page is it known how many there are.
    return { data: rows, total: (page - 1) * (parameters.pagination?.perPage ?? 0) + rows.length };
  },
  async getOne(resource: string, { id }: { id: unknown }) {
    return { data: await readOne(resource, id) };
  },
  async getMany(resource: string, { ids }: { ids: readonly unknown[] }) {
    return { data: await Promise.all(ids.map((id) => readOne(resource, id))) };
  },
  async getManyReference() {
    return { data: [], total: 0 };
  },
  async update(
    resource: string,
    { id, data, previousData }: { id: unknown; data: Record<string, unknown>; previousData: Record<string, unknown> },
  ) {
    const changed = Object.fromEntries(Object.entries(data).filter(([name, value]) => value !== previousData[name]));
    await callApi(`/api/${resource}/${String(id)}`, { method: 'PATCH', body: changed });
    return { data: { ...data, id } };
  },
  async create(resource: string, { data }: { data: Record<string, unknown> }) {
    const answer = await callApi<Record<string, unknown>>(`/api/${resource}`, { method: 'POST', body: data });
    return { data: { id: String(data['name']), ...answer } };
  },
  updateMany: refuse,
  delete: refuse,
  deleteMany: refuse,
} as unknown as DataProvider;

async function refuse(): Promise<never> {
  throw new HttpError('The console does not do this.', 405);
}
