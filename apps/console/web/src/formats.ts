/** Numbers, money and moments as they are shown everywhere. */
const COUNT = new Intl.NumberFormat('en-US');
const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const PERCENT = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 1 });
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const EXACT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const NANO_PER_USD = 1e9;
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

export const formatCount = (value: number): string => (Math.abs(value) < 100_000 ? COUNT.format(value) : COMPACT.format(value));
export const formatPercent = (share: number): string => PERCENT.format(share);
/** For charts; exact sums are made by the server. @param nanoUsd decimal string */
export const toUsd = (nanoUsd: string | null): number => Number(nanoUsd ?? 0) / NANO_PER_USD;

/** @param nanoUsd decimal string of nano-USD; null = unpriced */
export function formatUsd(nanoUsd: string | null | undefined): string {
  if (nanoUsd === null || nanoUsd === undefined) return '–';
  const value = toUsd(nanoUsd);
  const digits = value === 0 || Math.abs(value) >= 1 ? 2 : Math.abs(value) >= 0.01 ? 4 : 6;
  return value.toLocaleString('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export function formatMs(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 1_000 ? `${COUNT.format(ms)} ms` : `${COUNT.format(Math.round(ms / 100) / 10)} s`;
}

/** How long ago, or for how long: `4 s`, `12 min`, `3 h`, `2 days`. */
export function formatAge(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

export function formatExact(moment: string): string {
  return EXACT.format(new Date(moment));
}

export function formatRelative(moment: string): string {
  const distanceMs = new Date(moment).getTime() - Date.now();
  const unit = UNITS.find(([, sizeMs]) => Math.abs(distanceMs) >= sizeMs);
  return unit === undefined ? 'just now' : RELATIVE.format(Math.round(distanceMs / unit[1]), unit[0]);
}

/** `quiz_generation` as people read it. */
export function formatName(name: string): string {
  return name === '' ? '(none)' : name.replaceAll('_', ' ');
}
