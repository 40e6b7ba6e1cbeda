/** Exports training data in a process of its own, so that its memory can be measured. Arguments: database URL, file, format. Sends the manifest and its largest size. */
import { isTrainingFormat } from '@ai-core/core';
import { collectTrainingData, openDatabase, writeTrainingFiles } from '@ai-core/store';

const [url = '', path = '', wanted = 'openai-chat'] = process.argv.slice(2);

if (!isTrainingFormat(wanted)) throw new Error(`there is no format ${wanted}`);
const database = openDatabase({ url, maxConnections: 2, statementTimeoutMs: 120_000 });
let largest = 0;
const watch = setInterval(() => (largest = Math.max(largest, process.memoryUsage.rss())), 50);
process.send?.('ready');
if (path === '') await collectTrainingData(database);
const written = path === '' ? null : await writeTrainingFiles(database, { path, format: wanted });
clearInterval(watch);
process.send?.({ manifest: written?.manifest ?? null, manifestSha256: written?.manifestSha256 ?? '', rssBytes: largest });
await database.close();
process.exit(0);
