/** A gateway as a process that benches and tests start and measure. Its one argument is JSON: GatewayOptions without the log. */
import { startGateway, type GatewayOptions } from '@ai-core/gateway';
import { createLog } from '@ai-core/runtime';

const options = JSON.parse(process.argv[2] ?? '{}') as Omit<GatewayOptions, 'log'>;
const gateway = await startGateway({ ...options, log: createLog({ level: 'error', name: 'gateway' }) });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void gateway.close().finally(() => process.exit(0)));
process.once('disconnect', () => process.exit(0));
process.on('message', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.send?.({ url: gateway.url, cpuMicros: userCPUTime + systemCPUTime, peakRssMb: maxRSS / 1_024 });
});
process.send?.('ready');
