export { readProviderAccess, simulatedAccess } from './provider-access.ts';
export { decideRoles, hasAccess } from './roles.ts';
export type { ProviderAccess, Roles } from './roles.ts';
export { startWorker } from './start-worker.ts';
export type { Worker, WorkerOptions } from './start-worker.ts';
export type { Readiness } from './progress.ts';
export { readTrainingSettings } from './training-settings.ts';
export type { TrainingSettings } from './training-settings.ts';
