/** Exports training data in a process of its own, so that its memory can be measured. Arguments: database URL, file. Sends the manifest and its largest size. */
import { collectTrainingData, openDatabase, writeTrainingFiles } from '@ai-core/store';

const [url = '', path = ''] = process.argv.slice(2);
const database = openDatabase({ url, maxConnections: 2, statementTimeoutMs: 120_000 });
let largest = 0;
const watch = setInterval(() => (largest = Math.max(largest, process.memoryUsage.rss())), 50);
process.send?.('ready');
if (path === '') await collectTrainingData(database);
const written = path === '' ? null : await writeTrainingFiles(database, { path, format: 'openai-chat' });
clearInterval(watch);
process.send?.({ manifest: written?.manifest ?? null, manifestSha256: written?.manifestSha256 ?? '', rssBytes: largest });
await database.close();
process.exit(0);
