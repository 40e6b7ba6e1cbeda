/** What a proxying gateway proxies to: an OpenAI-compatible server that answers every chat with the same completion. */
import { createServer } from 'node:http';

const completion = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'gpt-5-nano',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'An answer of two kilobytes. '.repeat(74) } }],
  usage: { prompt_tokens: 150, completion_tokens: 500, total_tokens: 650 },
});

const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(completion));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.on('message', () => process.send?.({ url: `http://127.0.0.1:${port}`, cpuMicros: 0, peakRssMb: 0 }));
  process.send?.('ready');
});
process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));
