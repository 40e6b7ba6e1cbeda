import { AiCoreError } from '@ai-core/core';

/** @throws REQUEST_INVALID when something was said that is not PROVIDER/MODEL */
export function parseModel(value: unknown, option: string): { provider: string; model: string } | undefined {
  if (value === undefined) return undefined;
  const [provider = '', ...rest] = typeof value === 'string' ? value.split('/') : [];
  const model = rest.join('/');
  if (provider === '' || model === '') throw new AiCoreError('REQUEST_INVALID', `${option} takes PROVIDER/MODEL`);
  return { provider, model };
}
