/** Every route of the gateway. What is not listed here does not exist; what is listed is documented and tested for who may call it. */
import type { Route } from './route.ts';
import { deleteJob } from './routes/delete-job.ts';
import { getAudio } from './routes/get-audio.ts';
import { getBulk } from './routes/get-bulk.ts';
import { getContext } from './routes/get-context.ts';
import { getHealth } from './routes/get-health.ts';
import { getJobEvents } from './routes/get-job-events.ts';
import { getJob } from './routes/get-job.ts';
import { getMetrics } from './routes/get-metrics.ts';
import { getModels } from './routes/get-models.ts';
import { getReceiptOf } from './routes/get-receipt.ts';
import { getReadiness } from './routes/get-readiness.ts';
import { getTrainingData } from './routes/get-training-data.ts';
import { getUsage } from './routes/get-usage.ts';
import { postAudioSpeech } from './routes/post-audio-speech.ts';
import { postAudio } from './routes/post-audio.ts';
import { postBulk } from './routes/post-bulk.ts';
import { postChatCompletions } from './routes/post-chat-completions.ts';
import { postRating } from './routes/post-rating.ts';
import { postText } from './routes/post-text.ts';
import { putContext } from './routes/put-context.ts';

export const ROUTES: readonly Route[] = [
  postText,
  postAudio,
  getAudio,
  postBulk,
  getBulk,
  getMetrics,
  getJob,
  deleteJob,
  getJobEvents,
  putContext,
  getContext,
  postRating,
  getTrainingData,
  getUsage,
  getReceiptOf,
  postChatCompletions,
  postAudioSpeech,
  getModels,
  getHealth,
  getReadiness,
];
