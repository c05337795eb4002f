import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLeaseAnchor } from '../../main/link/lease-anchor.ts';

describe('lease anchor', () => {
  it('starts at the introduction', () => expect(createLeaseAnchor(100).asOf()).toBe(100));

  it('moves to the sending of the ping whose pong was heard, not to the pong', () => {
    const anchor = createLeaseAnchor(0);
    const payload = anchor.pingSent(10);
    expect(anchor.asOf()).toBe(0);
    anchor.pongHeard(payload);
    expect(anchor.asOf()).toBe(10);
  });

  it('takes the newest pong for all pings before it', () => {
    const anchor = createLeaseAnchor(0);
    const first = anchor.pingSent(10);
    const second = anchor.pingSent(20);
    anchor.pongHeard(second);
    anchor.pongHeard(first);
    expect(anchor.asOf()).toBe(20);
  });

  it.each(['', '7', 'constructor', '1 '])('is not moved by the pong %j that answers no ping', (payload) => {
    const anchor = createLeaseAnchor(0);
    anchor.pingSent(10);
    anchor.pongHeard(payload);
    expect(anchor.asOf()).toBe(0);
  });

  it('is not moved by a pong heard twice', () => {
    const anchor = createLeaseAnchor(0);
    const payload = anchor.pingSent(10);
    anchor.pongHeard(payload);
    anchor.pingSent(20);
    anchor.pongHeard(payload);
    expect(anchor.asOf()).toBe(10);
  });

  it('is never later than the sending of the newest answered ping, in any order of pings and pongs', () => {
    const step = fc.record({ wait: fc.nat(1_000), pong: fc.option(fc.nat(30)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const anchor = createLeaseAnchor(0);
        const sent: { payload: string; at: number }[] = [];
        let now = 0;
        let newestAnswered = 0;
        for (const { wait, pong } of steps) {
          now += wait;
          if (pong === null) {
            sent.push({ payload: anchor.pingSent(now), at: now });
          } else {
            const ping = sent[pong];
            anchor.pongHeard(ping?.payload ?? 'none');
            newestAnswered = Math.max(newestAnswered, ping?.at ?? 0);
          }
          expect(anchor.asOf()).toBe(newestAnswered);
        }
      }),
    );
  });
});
