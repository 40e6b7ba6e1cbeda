import { formatMoney } from '@ai-core/core';

/** Money for people: a dollar sign, and as many digits as the amount has, at least two. null is said, not shown as zero. */
export function formatUsd(nanoUsd: bigint | null): string {
  return nanoUsd === null ? 'unknown' : `$${formatMoney(nanoUsd)}`;
}
