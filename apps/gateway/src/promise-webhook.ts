import type { RequestHandle } from '@ai-core/producer';
import { promiseWebhook as writeDown } from '@ai-core/store';
import type { Caller } from './authenticate.ts';
import type { GatewayServices } from './gateway-services.ts';
import { checkWebhookUrl } from './webhook-target.ts';

/** Refuses a webhook that could never be sent, before anything is accepted. */
export function checkWebhook({ webhooks }: GatewayServices, url: string | undefined): void {
  if (url !== undefined) checkWebhookUrl(url, webhooks);
}

/** Promises the webhook of a request that has been accepted. Once the request has its reply, the webhook comes. */
export async function promiseWebhook(
  { database }: GatewayServices,
  caller: Caller,
  { handle, url }: { readonly handle: RequestHandle<unknown>; readonly url: string | undefined },
): Promise<void> {
  if (url === undefined) return;
  const { requestId, jobId, memoryId } = handle;
  const sealedValues = jobId === null ? handle.seal() : null;
  await writeDown(database, { requestId, caller: caller.key.name, jobId, memoryId, url, sealedValues });
}
