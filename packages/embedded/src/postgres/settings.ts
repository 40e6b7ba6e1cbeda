/** Sized for one machine with little memory that also runs everything else. */
const SETTINGS: Readonly<Record<string, string>> = {
  unix_socket_directories: '',
  max_connections: '300',
  shared_buffers: '128MB',
  effective_cache_size: '512MB',
  maintenance_work_mem: '64MB',
  max_wal_size: '1GB',
  // Short statements gain nothing from either, and containers have little shared memory for parallel ones.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
};

/** Nothing is flushed: for tests, whose data nobody misses after a crash of the machine. */
const FAST_SETTINGS: Readonly<Record<string, string>> = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** @returns the server's settings as `name=value` */
export function serverSettings(options: { readonly host: string; readonly fast: boolean }): string[] {
  const settings = { listen_addresses: options.host, ...SETTINGS, ...(options.fast ? FAST_SETTINGS : {}) };
  return Object.entries(settings).map(([name, value]) => `${name}=${value}`);
}
