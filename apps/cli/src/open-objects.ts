import type { Environment } from '@ai-core/runtime';
import { openObjects, type Objects } from '@ai-core/store';
import { findRunning } from './running.ts';

/**
 * The object store that the environment names, or else the one of the AI Core that runs on the data folder.
 * @returns undefined when there is none
 */
export function openCliObjects(environment: Environment, dataFolder: string): Objects | undefined {
  const { S3_ENDPOINT: endpoint, S3_REGION: region, S3_BUCKET: bucket, AWS_ACCESS_KEY_ID: accessKeyId } = environment;
  if (endpoint !== undefined || accessKeyId !== undefined) {
    return openObjects({ endpoint, region, bucket, accessKeyId, secretAccessKey: environment.AWS_SECRET_ACCESS_KEY });
  }
  const running = findRunning(dataFolder);
  return running === undefined ? undefined : openObjects(running.s3);
}
