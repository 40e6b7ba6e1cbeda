import type { ContextVersion } from '@ai-core/store';
import { z } from 'zod';

export const ContextParams = z.strictObject({ name: z.string().min(1).max(200) });

export const ContextSchema = z.object({
  name: z.string(),
  version: z.int(),
  sha256: z.string(),
  bytes: z.int(),
  created_by: z.string(),
  created_at: z.iso.datetime(),
});

export function toContext(version: ContextVersion): z.infer<typeof ContextSchema> {
  return {
    name: version.name,
    version: version.version,
    sha256: version.sha256,
    bytes: version.bytes,
    created_by: version.createdBy,
    created_at: version.createdAt.toISOString(),
  };
}
