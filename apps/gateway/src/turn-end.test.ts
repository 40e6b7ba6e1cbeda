import { describe, expect, it } from 'vitest';
import { createTurnEnd } from './turn-end.ts';

describe('the end of a turn of the event loop', () => {
  it('is one for everybody who asks in the same turn, and another one in the next', async () => {
    const turnEnd = createTurnEnd();
    const first = turnEnd();
    expect(turnEnd()).toBe(first);
    await first;
    expect(turnEnd()).not.toBe(first);
  });

  it('comes after everything that is ready now', async () => {
    const turnEnd = createTurnEnd();
    const order: string[] = [];
    const end = turnEnd().then(() => order.push('end'));
    await Promise.resolve().then(() => order.push('ready'));
    await end;
    expect(order).toEqual(['ready', 'end']);
  });
});
