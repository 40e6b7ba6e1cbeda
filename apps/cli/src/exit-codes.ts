/** Exit codes of every verb. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** A service that is needed cannot be reached (sysexits: EX_UNAVAILABLE). */
  unreachable: 69,
} as const;
