import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { checkWebhookUrl, resolvePublic, type WebhookPolicy } from './webhook-target.ts';

export interface WebhookMessage {
  readonly id: string;
  readonly url: string;
  /** JSON. */
  readonly body: string;
  /** As webhookSecret() makes it. */
  readonly secret: string;
}

/** Until the receiver has answered, in milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * The signature of Standard Webhooks: HMAC-SHA256 in base64 over `id.timestamp.body`.
 * @param timestamp seconds since 1970
 */
function signWebhook({ id, body, secret }: Pick<WebhookMessage, 'id' | 'body' | 'secret'>, timestamp: number): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/**
 * Sends one webhook. Redirects are not followed; what the receiver says is not read.
 * @returns its HTTP status
 * @throws when it cannot be reached, does not answer in time, or is not allowed
 */
export async function postWebhook(message: WebhookMessage, policy: WebhookPolicy): Promise<number> {
  const url = checkWebhookUrl(message.url, policy);
  const { address, family } = await resolvePublic(url.hostname, policy);
  const timestamp = Math.floor(Date.now() / 1_000);
  const send = url.protocol === 'http:' ? requestHttp : requestHttps;
  return new Promise<number>((resolve, reject) => {
    const request = send(
      url,
      {
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        lookup: (_, options, callback) => {
          if (options.all === true) callback(null, [{ address, family }]);
          else callback(null, address, family);
        },
        headers: {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(message.body)),
          'user-agent': 'ai-core-webhook',
          'webhook-id': message.id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signWebhook(message, timestamp),
        },
      },
      (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      },
    );
    request.on('error', reject);
    request.end(message.body);
  });
}
