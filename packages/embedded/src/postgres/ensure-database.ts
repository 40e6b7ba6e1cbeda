import pg from 'pg';

const CONNECT_WITHIN_MS = 10_000;
/** PostgreSQL's codes for a database that another process made in the same moment. */
const MADE_MEANWHILE = ['42P04', '23505'];
/** The server is going down, or was when the connection was made. */
const GONE = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '57P02', '57P03'];

function codeOf(error: unknown): string {
  return (error as { code?: string } | null)?.code ?? '';
}

/** @returns true when an error says that the server has gone rather than that something is wrong */
export function saysServerIsGone(error: unknown): boolean {
  return GONE.includes(codeOf(error)) || (error instanceof Error && error.message.includes('Connection terminated'));
}

/** Makes a database when it is missing. @param maintenanceUrl of a database that is always there */
export async function ensureDatabase(maintenanceUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: maintenanceUrl, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  // A server that goes away while nothing is asked of it: the next question will tell.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } catch (error) {
    if (!MADE_MEANWHILE.includes(codeOf(error))) throw error;
  } finally {
    await client.end();
  }
}
