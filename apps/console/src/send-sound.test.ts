import { describe, expect, it } from 'vitest';
import { parseRange } from './send-sound.ts';

describe('parseRange', () => {
  it('reads the one range of a player that seeks', () => {
    expect(parseRange('bytes=100-199')).toEqual({ start: 100, end: 199 });
    expect(parseRange('bytes=100-')).toEqual({ start: 100 });
    expect(parseRange('bytes=-50')).toEqual({ last: 50 });
  });

  it('asks for everything when there is no range, several, or one that makes no sense', () => {
    for (const header of [undefined, '', 'bytes=-', 'bytes=5-2', 'bytes=0-1,4-5', 'lines=1-2']) expect(parseRange(header)).toBeUndefined();
  });
});
