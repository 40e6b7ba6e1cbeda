import { hkdfSync, type KeyObject } from 'node:crypto';

const PURPOSE = 'ai-core webhook secret v1';

/**
 * The secret that signs a backend's webhooks, in the form of Standard Webhooks. It follows from the seal key and the name of the
 * backend's API key, so that every gateway has it and no table does.
 */
export function webhookSecret(sealKey: KeyObject, caller: string): string {
  return `whsec_${Buffer.from(hkdfSync('sha256', sealKey, caller, PURPOSE, 32)).toString('base64')}`;
}
