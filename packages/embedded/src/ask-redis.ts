import net from 'node:net';
import tls from 'node:tls';

/** What a Redis or Valkey server says about itself. */
export interface RedisFacts {
  /** Version of the Redis it is or is compatible with, like `7.0.15`. */
  readonly version: string;
  /** Process id of the server. */
  readonly pid: number;
}

const ANSWER_WITHIN_MS = 5_000;
const DEFAULT_PORT = 6379;

function encodeCommand(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

function commandsFor(url: URL): string {
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const login = password === '' ? '' : encodeCommand(['AUTH', ...(user === '' ? [] : [user]), password]);
  // The server closes the connection after the answer.
  return login + encodeCommand(['INFO']) + encodeCommand(['QUIT']);
}

function exchange(url: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    const address = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || DEFAULT_PORT) };
    const socket = url.protocol === 'rediss:' ? tls.connect({ ...address, servername: address.host }) : net.connect(address);
    let answer = '';
    socket.setEncoding('utf8').setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error('no answer within 5 seconds')));
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.once('error', reject).once('close', () => resolve(answer));
    socket.write(commandsFor(url));
  });
}

/**
 * Asks a server for its version, by the Redis protocol itself.
 * @param redisUrl redis:// or rediss://, with user and password where the server wants them
 * @throws Error naming host and reason, never the password
 */
export async function askRedis(redisUrl: string): Promise<RedisFacts> {
  const url = URL.parse(redisUrl);
  if (!url || !['redis:', 'rediss:'].includes(url.protocol)) throw new Error('a Redis address must look like redis://host:6379');
  let answer: string;
  try {
    answer = await exchange(url);
  } catch (error) {
    throw new Error(`Redis at ${url.host} does not answer: ${String(error)}; start it, or correct the address`, { cause: error });
  }
  const version = /^redis_version:([\d.]+)/m.exec(answer)?.[1];
  if (version === undefined) {
    const reason = /^-(.*)$/m.exec(answer)?.[1]?.trim() ?? 'it does not speak the Redis protocol';
    throw new Error(`Redis at ${url.host} refuses: ${reason}`);
  }
  return { version, pid: Number(/^process_id:(\d+)/m.exec(answer)?.[1]) };
}
