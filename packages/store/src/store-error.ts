import { AiCoreError } from '@ai-core/core';

/** SQLSTATE classes and codes of a server that is away, starting, stopping or out of room; trying again later can help. */
const UNAVAILABLE = /^(08...|57P0[1-5]|53...|58...|25006|55P03|57014)$/;
/** A transaction that lost a race and may simply be repeated. */
const TRANSIENT = /^(40001|40P01)$/;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);
/** The driver reports these by message only. */
const DRIVER =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after/;

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** @returns true when Postgres could not be reached or could not take the statement just now. */
export function isUnavailable(error: unknown): boolean {
  if (AiCoreError.is(error)) return error.code === 'STORE_UNAVAILABLE';
  const code = codeOf(error);
  if (UNAVAILABLE.test(code) || TRANSIENT.test(code) || NETWORK.has(code)) return true;
  return error instanceof Error && DRIVER.test(error.message);
}

/** Maps what the driver throws to the error table. The message names the cause's code, never data. */
export function toStoreError(error: unknown): AiCoreError {
  if (AiCoreError.is(error)) return error;
  const code = codeOf(error);
  if (isUnavailable(error)) {
    return new AiCoreError(
      'STORE_UNAVAILABLE',
      `Postgres did not answer in time (${code || 'connection lost'}); whether it took the statement is not known`,
      {
        cause: error,
        retryAfterMs: 1_000,
      },
    );
  }
  return new AiCoreError('INTERNAL', `Postgres refused a statement (${code || 'no code'})`, { cause: error });
}
