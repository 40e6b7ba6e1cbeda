/** Everything other packages may use of the queue. */
export { CHANGES_TOPIC, inboxTopic } from './backend.ts';
export type { Consumer, ConsumeOptions, Message, Messages, QueueBackend, QueueDepth, QueueEntry, Schedule } from './backend.ts';
export { migrateQueue } from './backend/postgres.ts';
export { openQueue } from './open-queue.ts';
export type { OpenQueueOptions } from './open-queue.ts';
export { QUEUE_NAMES } from './topology.ts';
export {
  deltaMessages,
  parseStreamMessage,
  parseStreamQuestion,
  questionMessage,
  resetMessage,
  STREAM_QUESTIONS_TOPIC,
  streamTopic,
} from './text-stream.ts';
export type { StreamMessage } from './text-stream.ts';
