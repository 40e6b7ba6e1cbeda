export type { BillLine } from './bill.ts';
export type { Call } from './call-log.ts';
export type { Control } from './control.ts';
export { type FaultName, FAULTS } from './fault.ts';
export type { FaultRule } from './fault-rules.ts';
export type { Latency } from './latency.ts';
export type { RateLimit } from './rate-limits.ts';
export type { SpeechMode } from './speech.ts';
export { baseUrlsBelow, type Simulator, type SimulatorOptions, startSimulator } from './start-simulator.ts';
