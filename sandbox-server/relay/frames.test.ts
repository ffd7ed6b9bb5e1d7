import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameFollower, closeFrame, PING } from './frames.ts';

const RULES = { masked: true, messageLimit: 64 * 1024, fragmentLimit: 100 };
interface Shape {
  opcode?: number;
  fin?: boolean;
  length?: number;
  masked?: boolean;
  rsv?: number;
}
/** A frame of zeros. */
function frame({ opcode = 2, fin = true, length = 0, masked = true, rsv = 0 }: Shape): Buffer {
  const head = [(fin ? 0x80 : 0) | rsv | opcode];
  const mask = masked ? 0x80 : 0;
  if (length < 126) head.push(mask | length);
  else if (length < 65536) head.push(mask | 126, length >> 8, length & 255);
  else
    head.push(
      mask | 127,
      0,
      0,
      0,
      0,
      (length >>> 24) & 255,
      (length >>> 16) & 255,
      (length >>> 8) & 255,
      length & 255,
    );
  return Buffer.concat([Buffer.from(head), Buffer.alloc(masked ? 4 : 0), Buffer.alloc(length)]);
}

describe('a follower', () => {
  it('knows the end of frames of each header length, whole and cut at every byte', () => {
    for (const length of [0, 1, 125, 126, 300]) {
      const bytes = Buffer.concat([frame({ length }), frame({ length: 3 })]);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const follower = new FrameFollower(RULES);
        expect(follower.follow(bytes.subarray(0, cut))).toBe(null);
        const inside =
          cut !== 0 && cut !== bytes.length - frame({ length: 3 }).length && cut !== bytes.length;
        expect(follower.atBoundary).toBe(!inside);
        expect(follower.follow(bytes.subarray(cut))).toBe(null);
        expect(follower.atBoundary).toBe(true);
        expect(follower.frames).toBe(2);
      }
    }
  });

  it('says where in a chunk the last frame ended', () => {
    const follower = new FrameFollower(RULES);
    follower.follow(Buffer.concat([frame({ length: 10 }), frame({ length: 20 }).subarray(0, 9)]));
    expect(follower.lastEnd).toBe(16);
    follower.follow(Buffer.alloc(3));
    expect(follower.lastEnd).toBe(-1);
  });

  it('T4 takes 64 KiB and refuses one byte more with 1009, by its header alone', () => {
    expect(new FrameFollower(RULES).follow(frame({ length: 65536 }))).toBe(null);
    expect(new FrameFollower(RULES).follow(frame({ length: 65537 }).subarray(0, 14))).toBe(1009);
  });

  it('T4 adds up the fragments of a message, and begins again with the next', () => {
    const half = (opcode: number, fin: boolean): Buffer => frame({ opcode, fin, length: 40_000 });
    const follower = new FrameFollower(RULES);
    expect(follower.follow(half(2, false))).toBe(null);
    expect(follower.follow(half(0, true))).toBe(1009);
    const other = new FrameFollower(RULES);
    expect(other.follow(half(2, true))).toBe(null);
    expect(other.follow(half(2, true))).toBe(null);
  });

  it('T5 ends endless empty fragments at the bound, with pings between them', () => {
    const follower = new FrameFollower(RULES);
    expect(follower.follow(frame({ opcode: 1, fin: false }))).toBe(null);
    for (let i = 1; i < 100; i++) {
      expect(follower.follow(frame({ opcode: 0, fin: false }))).toBe(null);
      expect(follower.follow(frame({ opcode: 9, length: 4 }))).toBe(null);
    }
    expect(follower.follow(frame({ opcode: 0, fin: false }))).toBe(1009);
  });

  it.each([
    ['an unmasked frame', frame({ masked: false })],
    ['a reserved bit, when no extension was agreed', frame({ rsv: 0x40 })],
    ['a reserved data opcode', frame({ opcode: 3 })],
    ['a reserved control opcode', frame({ opcode: 0xb })],
    ['a fragmented control frame', frame({ opcode: 9, fin: false })],
    ['a long control frame', frame({ opcode: 9, length: 126 })],
    ['a continuation of nothing', frame({ opcode: 0 })],
    ['a message inside another', Buffer.concat([frame({ fin: false }), frame({ opcode: 1 })])],
    ['data after Close', Buffer.concat([frame({ opcode: 8, length: 2 }), frame({})])],
  ])('T6 refuses %s with 1002', (_what, bytes) => {
    expect(new FrameFollower(RULES).follow(bytes)).toBe(1002);
  });

  it('refuses a masked frame from an agent', () => {
    expect(new FrameFollower({ ...RULES, masked: false }).follow(frame({ masked: true }))).toBe(1002);
  });

  it('takes a length of 2^63 for what it is', () => {
    const bytes = Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    expect(new FrameFollower(RULES).follow(bytes)).toBe(1009);
  });

  it('comes to the same verdict however the bytes are cut', () => {
    const shapes = fc.record({
      opcode: fc.constantFrom(0, 1, 2, 8, 9, 10),
      fin: fc.boolean(),
      length: fc.constantFrom(0, 1, 125, 126, 1000),
    });
    fc.assert(
      fc.property(
        fc.array(shapes, { maxLength: 12 }),
        fc.array(fc.nat(40), { maxLength: 60 }),
        (frames, cuts) => {
          const bytes = Buffer.concat(frames.map(frame));
          const whole = new FrameFollower(RULES);
          const verdict = whole.follow(bytes);
          const pieces = new FrameFollower(RULES);
          let at = 0;
          let fault = null;
          for (const cut of [...cuts, bytes.length]) {
            fault ??= pieces.follow(bytes.subarray(at, at + cut));
            at += cut;
          }
          fault ??= pieces.follow(bytes.subarray(at));
          expect(fault).toBe(verdict);
          if (fault === null)
            expect([pieces.frames, pieces.atBoundary]).toEqual([whole.frames, whole.atBoundary]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('noise ends in a fault, never in an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), (noise) => {
        const fault = new FrameFollower(RULES).follow(Buffer.from(noise));
        expect([null, 1002, 1009]).toContain(fault);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('frames of our own', () => {
  it('are legal server frames', () => {
    const server = { ...RULES, masked: false };
    const follower = new FrameFollower(server);
    expect(follower.follow(Buffer.concat([PING, closeFrame(4002, 'back soon')]))).toBe(null);
    expect(follower.closing).toBe(true);
    expect(closeFrame(4000)).toEqual(Buffer.from([0x88, 2, 0x0f, 0xa0]));
    expect(closeFrame(4000, 'é'.repeat(200)).length).toBeLessThanOrEqual(127);
  });
});
