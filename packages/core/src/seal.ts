/**
 * Sealing: the values that redaction took out of a request rest encrypted beside the caller who sent it, so that any replica
 * can fill them back in. AES-256-GCM under a key of its own for every seal (HKDF-SHA-256 from the seal key and a random salt),
 * so the number of seals under one seal key has no limit in practice. The id of the caller's request is authenticated: a seal
 * that was moved to another row does not open.
 *
 * Layout: version (1 byte) · fingerprint of the seal key (4) · salt (16) · nonce (12) · ciphertext · tag (16).
 */
import { createCipheriv, createDecipheriv, createHash, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { AiCoreError } from './errors.ts';
import { PLACEHOLDER_KINDS } from './redact/placeholder.ts';
import type { Placeholder } from './redact/placeholder.ts';

const VERSION = 1;
const KEY_BYTES = 32;
const FINGERPRINT_BYTES = 4;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + FINGERPRINT_BYTES + SALT_BYTES + NONCE_BYTES;
const PURPOSE = 'ai-core sealed values v1';

/** What a seal is bound to: the key, and the caller's request (the id of its ai_job_caller row). */
export interface SealContext {
  readonly key: KeyObject;
  readonly requestId: string;
}

const PlaceholdersSchema = z.array(z.object({ token: z.string(), kind: z.enum(PLACEHOLDER_KINDS), value: z.string() }));

function failed(reason: string): AiCoreError {
  return new AiCoreError('INTERNAL', reason);
}

/** A new random seal key, as text for AI_CORE_SEAL_KEY. */
export function createSealKey(): string {
  return randomBytes(KEY_BYTES).toString('base64');
}

/**
 * Reads a seal key: 32 bytes in base64 (either alphabet, padded or not) or hexadecimal.
 * @param text the value of AI_CORE_SEAL_KEY
 * @throws AiCoreError INTERNAL that says what is wrong, without the key
 */
export function parseSealKey(text: string): KeyObject {
  const trimmed = text.trim();
  const isHex = /^[\da-f]{64}$/i.test(trimmed);
  const advice = 'It must be 32 bytes in base64 or 64 hexadecimal digits; `openssl rand -base64 32` makes one.';
  if (!isHex && !/^[A-Za-z\d+/_-]+={0,2}$/.test(trimmed))
    throw failed(`AI_CORE_SEAL_KEY is ${trimmed === '' ? 'empty' : 'neither base64 nor hexadecimal'}. ${advice}`);
  const bytes = Buffer.from(trimmed, isHex ? 'hex' : 'base64');
  if (bytes.length !== KEY_BYTES) throw failed(`AI_CORE_SEAL_KEY holds ${bytes.length} bytes. ${advice}`);
  if (bytes.every((byte) => byte === bytes[0])) throw failed(`AI_CORE_SEAL_KEY repeats one byte, which protects nothing. ${advice}`);
  return createSecretKey(bytes);
}

function fingerprintOf(key: KeyObject): Buffer {
  return createHash('sha256').update(PURPOSE).update(key.export()).digest().subarray(0, FINGERPRINT_BYTES);
}

function deriveKey(key: KeyObject, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, PURPOSE, KEY_BYTES));
}

/**
 * Encrypts the values of one caller.
 * @returns bytes for `ai_job_caller.sealed_values`; the same values never give the same bytes twice
 */
export function sealValues(values: readonly Placeholder[], { key, requestId }: SealContext): Uint8Array {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const header = Buffer.concat([Buffer.of(VERSION), fingerprintOf(key), salt, nonce]);
  const cipher = createCipheriv('aes-256-gcm', deriveKey(key, salt), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([header, Buffer.from(requestId, 'utf8')]));
  const plain = JSON.stringify(values.map(({ token, kind, value }) => ({ token, kind, value })));
  return Buffer.concat([header, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

function checkHeader(sealed: Uint8Array, key: KeyObject): void {
  if (sealed.length < HEADER_BYTES + TAG_BYTES)
    throw failed(`sealed values have ${sealed.length} bytes, which is too few; the row is damaged.`);
  if (sealed[0] !== VERSION) throw failed(`sealed values have version ${sealed[0]}, this release reads ${VERSION}; upgrade it.`);
  if (!fingerprintOf(key).equals(sealed.subarray(1, 1 + FINGERPRINT_BYTES)))
    throw failed('the values were sealed with another AI_CORE_SEAL_KEY; give every gateway and worker the same key.');
}

/**
 * Decrypts the values of one caller.
 * @param sealed bytes that `sealValues` made for the same request
 * @throws AiCoreError INTERNAL when the key is another one, the bytes were changed, or they belong to another request
 */
export function openValues(sealed: Uint8Array, { key, requestId }: SealContext): Placeholder[] {
  checkHeader(sealed, key);
  const header = sealed.subarray(0, HEADER_BYTES);
  const saltEnd = HEADER_BYTES - NONCE_BYTES;
  const decipher = createDecipheriv(
    'aes-256-gcm',
    deriveKey(key, header.subarray(saltEnd - SALT_BYTES, saltEnd)),
    header.subarray(saltEnd),
    {
      authTagLength: TAG_BYTES,
    },
  );
  decipher.setAAD(Buffer.concat([header, Buffer.from(requestId, 'utf8')]));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  let plain: string;
  try {
    plain = Buffer.concat([decipher.update(sealed.subarray(HEADER_BYTES, sealed.length - TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new AiCoreError('INTERNAL', 'sealed values do not open: they were changed or belong to another request.', { cause });
  }
  return PlaceholdersSchema.parse(JSON.parse(plain));
}
