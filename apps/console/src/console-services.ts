import type { Logger } from '@ai-core/runtime';
import type { QueueBackend } from '@ai-core/queue';
import type { Database } from '@ai-core/store';
import type { SessionCookie } from './session-cookie.ts';

/** What the console's routes work with. */
export interface ConsoleServices {
  readonly database: Database;
  readonly queue: QueueBackend;
  readonly cookie: SessionCookie;
  readonly log: Logger;
}
