/** Every route of the gateway. What is not listed here does not exist; what is listed is documented and tested for who may call it. */
import type { Route } from './route.ts';
import { deleteJob } from './routes/delete-job.ts';
import { getHealth } from './routes/get-health.ts';
import { getJob } from './routes/get-job.ts';
import { getJobEvents } from './routes/get-job-events.ts';
import { getModels } from './routes/get-models.ts';
import { getReadiness } from './routes/get-readiness.ts';
import { postChatCompletions } from './routes/post-chat-completions.ts';
import { postText } from './routes/post-text.ts';

export const ROUTES: readonly Route[] = [
  postText,
  getJob,
  deleteJob,
  getJobEvents,
  postChatCompletions,
  getModels,
  getHealth,
  getReadiness,
];
