import { describe, expect, it } from 'vitest';
import { Tail } from './tail.ts';

function all(tail: Tail, from: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = from; at < tail.end;) {
    const part = tail.slice(at, 1 << 30);
    if (part === null) throw new Error(`nothing at ${at}`);
    parts.push(part);
    at += part.length;
  }
  return Buffer.concat(parts);
}

describe('tail', () => {
  it('gives back what was appended, from any offset', () => {
    const tail = new Tail(1000);
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251));
    for (let at = 0; at < bytes.length; at += 997) tail.append(bytes.subarray(at, at + 997));
    expect(tail.start).toBe(1000);
    expect(tail.end).toBe(301_000);
    for (const from of [1000, 1001, 5095, 5096, 70_000, 300_999])
      expect(all(tail, from).equals(bytes.subarray(from - 1000))).toBe(true);
  });

  it('knows what it does not have', () => {
    const tail = new Tail(10);
    tail.append(Buffer.from('abc'));
    expect(tail.slice(9, 1)).toBeNull();
    expect(tail.slice(13, 1)).toBeNull();
    expect(tail.slice(11, 1)?.toString()).toBe('b');
  });

  it('releases whole blocks only, and never the one being filled', () => {
    const tail = new Tail(0);
    tail.append(Buffer.alloc(200_000, 1));
    tail.release(100_000);
    expect(tail.start).toBeGreaterThan(0);
    expect(tail.start).toBeLessThanOrEqual(100_000);
    expect(all(tail, 100_000).length).toBe(100_000);
    tail.release(200_000);
    expect(tail.end).toBe(200_000);
    tail.append(Buffer.from('x'));
    expect(tail.slice(200_000, 1)?.toString()).toBe('x');
  });

  it('begins small: an idle terminal costs 4 KiB', () => {
    const tail = new Tail(0);
    tail.append(Buffer.from('$ '));
    expect(tail.slice(0, 10)?.buffer.byteLength).toBe(4096);
  });
});
