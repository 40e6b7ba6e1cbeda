/**
 * Passwords of the console, hashed with argon2id (RFC 9106) by Node's own crypto. The cost is OWASP's first choice for servers:
 * 19 MiB of memory, two passes, one lane. It stands in every hash, so that it can be raised later.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';

interface Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

interface StoredHash {
  readonly cost: Cost;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

const COST: Cost = { memoryKib: 19_456, passes: 2, lanes: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** Version 19 (1.3) of argon2id, the only one Node computes. */
const PHC = /^\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/;
/** Stands in for the salt of a user who does not exist. */
const NOBODY_SALT = Buffer.alloc(SALT_BYTES);

function derive(password: string, stored: { readonly cost: Cost; readonly salt: Buffer; readonly tagBytes: number }): Promise<Buffer> {
  const parameters = {
    // One form for keyboards that compose accents differently.
    message: Buffer.from(password.normalize('NFC'), 'utf8'),
    nonce: stored.salt,
    parallelism: stored.cost.lanes,
    tagLength: stored.tagBytes,
    memory: stored.cost.memoryKib,
    passes: stored.cost.passes,
  };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) => (error === null ? resolve(tag) : reject(error)));
  });
}

function parse(hash: string): StoredHash | undefined {
  const match = PHC.exec(hash);
  if (match === null) return undefined;
  const [, memory = '', passes = '', lanes = '', salt = '', tag = ''] = match;
  return {
    cost: { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

const encode = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/** @returns the hash with its salt and cost as one PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$tag` */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive(password, { cost: COST, salt, tagBytes: TAG_BYTES });
  return `$argon2id$v=19$m=${COST.memoryKib},t=${COST.passes},p=${COST.lanes}$${encode(salt)}$${encode(tag)}`;
}

/**
 * Whether a password belongs to a hash. Takes as long without a hash as with one, so that the time does not tell who has an account.
 * @param hash PHC string, or null when there is no such user: the answer is then false
 */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const stored = hash === null ? undefined : parse(hash);
  if (stored === undefined) {
    await derive(password, { cost: COST, salt: NOBODY_SALT, tagBytes: TAG_BYTES });
    return false;
  }
  const tag = await derive(password, { cost: stored.cost, salt: stored.salt, tagBytes: stored.tag.length });
  return timingSafeEqual(tag, stored.tag);
}

/** @returns true when the hash was made with another cost than today's and should be made again at the next login */
export function isOutdatedHash(hash: string): boolean {
  const cost = parse(hash)?.cost;
  return cost === undefined || cost.memoryKib !== COST.memoryKib || cost.passes !== COST.passes || cost.lanes !== COST.lanes;
}

/** Crockford's 32 signs: none of them is mistaken for another when read aloud or typed from a screen. */
const READABLE = '0123456789abcdefghjkmnpqrstvwxyz';
const ONE_TIME_GROUPS = 4;
const GROUP_LENGTH = 5;

/** @returns a random password of 100 bits in four groups of five, such as `7k2mq-…` */
export function makeOneTimePassword(): string {
  const signs = Array.from(randomBytes(ONE_TIME_GROUPS * GROUP_LENGTH), (byte) => READABLE[byte % READABLE.length]).join('');
  return (signs.match(new RegExp(`.{${GROUP_LENGTH}}`, 'g')) ?? []).join('-');
}
