import type { BulkProgress } from '@ai-core/store';
import { z } from 'zod';

export const BulkProgressSchema = z.object({
  group_id: z.string(),
  requests: z.int(),
  pending: z.int(),
  done: z.int(),
  failed: z.int(),
  status_url: z.string(),
});

export function toProgress(groupId: string, progress: BulkProgress): z.infer<typeof BulkProgressSchema> {
  return { group_id: groupId, ...progress, status_url: `/v1/bulk/${groupId}` };
}
