/** Everything apps may use of the runtime. */
export { EXIT_CONFIGURATION, findEnvironmentFaults, parseEnvironment, readEnvironment } from './env.ts';
export type { ReadEnvironment } from './env.ts';
export { createLog } from './log.ts';
export type { Logger, LogOptions } from './log.ts';
export { onShutdown } from './shutdown.ts';
export type { ShutdownOptions } from './shutdown.ts';
export { VARIABLES } from './variables.ts';
export type { Environment, Variable } from './variables.ts';
export { readObjectStore } from './read-object-store.ts';
export type { ObjectStoreSettings } from './read-object-store.ts';
export { createMetrics } from './metrics.ts';
export type { MetricOptions, Metrics } from './metrics.ts';
