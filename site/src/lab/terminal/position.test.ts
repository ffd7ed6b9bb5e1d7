import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  ACK_BYTES,
  ackDue,
  afterAck,
  afterDrawing,
  afterSkip,
  atWelcome,
  isReplaying,
  NOWHERE,
  take,
} from './position.ts';
import type { Position } from './position.ts';

const log = Uint8Array.from({ length: 400 }, (_, i) => i % 251);

/** A connection from wherever the client stands, cut after `upTo` bytes of the log. */
function connect(position: Position, out: number[], upTo: number, chunk: number): Position {
  const from = position.received === -1 ? 0 : position.received;
  let now = atWelcome(position, { start: from, end: Math.min(200, upTo) });
  for (let at = from; at < upTo; at += chunk) {
    const bytes = log.subarray(at, Math.min(at + chunk, upTo));
    const taken = take(now, at, bytes);
    now = taken.position;
    for (const piece of taken.pieces) {
      out.push(...piece.bytes);
      now = afterDrawing(now, piece.bytes.length);
    }
  }
  return now;
}

describe('the position in a terminal’s log', () => {
  it('F4 cut at every byte offset: the stream is byte-identical, without duplicates', () => {
    for (let cut = 0; cut <= log.length; cut++) {
      const out: number[] = [];
      const first = connect(NOWHERE, out, cut, 7);
      connect(first, out, log.length, 11);
      expect(Uint8Array.from(out)).toEqual(log);
    }
  });

  it('F4 any series of cuts, chunk sizes and resent bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 400 }), fc.integer({ min: 1, max: 60 }))), (cuts) => {
        const out: number[] = [];
        let position: Position = NOWHERE;
        for (const [cut, chunk] of [...cuts.sort((a, b) => a[0] - b[0]), [400, 13] as const]) {
          position = connect(position, out, Math.max(cut, position.received), chunk);
        }
        expect(Uint8Array.from(out)).toEqual(log);
      }),
    );
  });

  it('drops bytes that an agent sends twice', () => {
    const at = atWelcome(NOWHERE, { start: 0, end: 0 });
    const once = take(at, 0, log.subarray(0, 100)).position;
    const again = take(once, 60, log.subarray(60, 120));
    expect(again.pieces.map((p) => p.bytes.length)).toEqual([20]);
    expect(take(again.position, 0, log.subarray(0, 50)).pieces).toEqual([]);
  });

  it('cuts a chunk exactly where the replay ends', () => {
    const at = atWelcome(NOWHERE, { start: 50, end: 60 });
    const { pieces } = take(at, 50, log.subarray(50, 80));
    expect(pieces.map((p) => [p.bytes.length, p.live])).toEqual([
      [10, false],
      [20, true],
    ]);
  });

  it('is replaying until the last byte of the replay is drawn', () => {
    let at = atWelcome(NOWHERE, { start: 0, end: 10 });
    at = take(at, 0, log.subarray(0, 30)).position;
    expect(isReplaying(at)).toBe(true);
    at = afterDrawing(at, 9);
    expect(isReplaying(at)).toBe(true);
    expect(isReplaying(afterDrawing(at, 1))).toBe(false);
  });

  it('begins at the welcome’s start where bytes were dropped', () => {
    const at = atWelcome({ received: 100, drawn: 100, acked: 90, liveFrom: 0 }, { start: 5000, end: 6000 });
    expect(at).toEqual({ received: 5000, drawn: 5000, acked: 90, liveFrom: 6000 });
    expect(ackDue(at, true)).toBe(5000);
  });

  it('acknowledges at 16 KiB at the latest, what is less when it is idle, and nothing twice', () => {
    let at = atWelcome(NOWHERE, { start: 0, end: 0 });
    at = afterDrawing(at, ACK_BYTES - 1);
    expect(ackDue(at, false)).toBeNull();
    expect(ackDue(at, true)).toBe(ACK_BYTES - 1);
    at = afterDrawing(at, 1);
    expect(ackDue(at, false)).toBe(ACK_BYTES);
    expect(ackDue(afterAck(at, ACK_BYTES), true)).toBeNull();
  });

  it('goes on where a skip says', () => {
    expect(afterSkip({ received: 5, drawn: 5, acked: 5, liveFrom: 0 }, 900)).toMatchObject({
      received: 900,
      drawn: 900,
    });
  });
});
