import type { RefusalKind } from './fault.ts';
import type { Reply } from './wire.ts';

/** Thrown by a wire format when the vendor would refuse a well-formed request: as one of its usual errors, or with a reply of its own. */
export class RefusalError extends Error {
  readonly refusal: RefusalKind | Reply;

  constructor(refusal: RefusalKind | Reply) {
    super('The vendor refuses the request.');
    this.refusal = refusal;
  }
}
