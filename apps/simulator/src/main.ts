/**
 * The simulator as a process of its own. Options by flag or by environment:
 * --port / SIMULATOR_PORT, --host / SIMULATOR_HOST, --seed / SIMULATOR_SEED, --bill-file / SIMULATOR_BILL_FILE,
 * --speech spoken|tiled / SIMULATOR_SPEECH, --keep-prompts. Prints one line of JSON, {"url", "port", "baseUrls"}, when it is ready, and sends the same to a
 * parent process that forked it. Ends on SIGTERM and SIGINT, and with the parent that forked it.
 */
import { parseArgs } from 'node:util';
import { startSimulator } from './start-simulator.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: process.env['SIMULATOR_PORT'] ?? '4010' },
    host: { type: 'string', default: process.env['SIMULATOR_HOST'] ?? '127.0.0.1' },
    seed: { type: 'string', default: process.env['SIMULATOR_SEED'] ?? '1' },
    'bill-file': { type: 'string', default: process.env['SIMULATOR_BILL_FILE'] ?? '' },
    speech: { type: 'string', default: process.env['SIMULATOR_SPEECH'] ?? 'spoken' },
    'keep-prompts': { type: 'boolean', default: false },
  },
});

if (values.speech !== 'spoken' && values.speech !== 'tiled') {
  process.stderr.write(`--speech is spoken or tiled, not "${values.speech}".\n`);
  process.exit(2);
}

const simulator = await startSimulator({
  port: Number(values.port),
  host: values.host,
  seed: values.seed,
  speech: values.speech,
  billFile: values['bill-file'] === '' ? undefined : values['bill-file'],
  keepPrompts: values['keep-prompts'],
});

function stop(): void {
  void simulator.close().finally(() => process.exit(0));
}

process.once('SIGTERM', stop);
process.once('SIGINT', stop);
// A simulator that was forked ends with its parent, also when the parent was killed.
process.once('disconnect', stop);

// After the handlers: whoever reads this line may send a signal at once.
const ready = { url: simulator.url, port: simulator.port, baseUrls: simulator.baseUrls };
process.stdout.write(`${JSON.stringify(ready)}\n`);
process.send?.(ready);
