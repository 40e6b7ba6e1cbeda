import fc from 'fast-check';

const NEAR = [
  'user:1',
  'USER:1',
  'user:1 ',
  ' user:1',
  'user:1\u200b',
  'user:2/../user:1',
  'shared',
  'user:',
  '*',
  'user:2*',
  'once:x',
  'user:１',
];
/** What somebody who wants into the scope `user:1` might try. */
export const guessedScopes = fc.oneof(
  fc.constantFrom(...NEAR),
  fc.string({ unit: 'binary', maxLength: 12 }).map((end) => `user:${end}`),
  fc.string({ maxLength: 20 }),
);
