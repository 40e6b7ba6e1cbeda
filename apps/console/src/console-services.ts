import type { AiCore } from '@ai-core/producer';
import type { Logger } from '@ai-core/runtime';
import type { QueueBackend } from '@ai-core/queue';
import type { Database, Objects } from '@ai-core/store';
import type { SessionCookie } from './session-cookie.ts';
import type { WebApp } from './web-app.ts';

/** What the console's routes work with. */
export interface ConsoleServices {
  readonly database: Database;
  readonly queue: QueueBackend;
  /** The way every request takes; here for trying a model and for telling which one would be chosen. */
  readonly aiCore: AiCore;
  readonly cookie: SessionCookie;
  readonly log: Logger;
  /** null: this console has no object store, so sounds cannot be played. */
  readonly objects: Objects | null;
  /** @returns the user interface, or null when there is none (yet) */
  readonly findWebApp: () => WebApp | null;
  /** True while the user interface is being built. */
  readonly isPreparing: () => boolean;
}
