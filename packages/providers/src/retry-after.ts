/** A duration as Google writes it in google.rpc.RetryInfo: "34s", "1.5s". */
const GOOGLE_DURATION = /^(\d+(?:\.\d+)?)s$/;

/** Begins as RFC 9110 dates do. Date.parse alone takes "-5" for a year. */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/** @returns milliseconds, or undefined when it is no such duration */
export function readGoogleDuration(text: string): number | undefined {
  const seconds = GOOGLE_DURATION.exec(text)?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
}

/**
 * How long a provider asks us to wait (RFC 9110 §10.2.3; OpenAI adds `retry-after-ms`). A date counts from the provider's
 * own Date header where there is one, so that a wrong clock on this machine changes nothing.
 * @param nowMs this machine's time, for answers without a Date header
 * @returns milliseconds, never negative, or undefined when nothing usable is said
 */
export function readRetryAfter(headers: Headers, nowMs: number): number | undefined {
  const exact = headers.get('retry-after-ms');
  if (exact !== null && /^\d+(\.\d+)?$/.test(exact)) return Math.ceil(Number(exact));
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const until = HTTP_DATE.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(until)) return undefined;
  const sentAt = Date.parse(headers.get('date') ?? '');
  return Math.max(0, until - (Number.isNaN(sentAt) ? nowMs : sentAt));
}
