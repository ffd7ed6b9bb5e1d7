import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seal, unseal } from './sealed.ts';

const key = Buffer.alloc(32, 3);

it('opens what it sealed, whatever it was', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.string(),
      (secret, place) => unseal(key, place, seal(key, place, secret)) === secret,
    ),
  );
});
it('never seals the same twice alike, and shows nothing of it', () => {
  const [a, b] = [seal(key, 'p', 'refresh-token'), seal(key, 'p', 'refresh-token')];
  expect(a).not.toBe(b);
  expect(Buffer.from(a, 'base64url').toString('latin1')).not.toContain('refresh');
});
it('opens nothing under another key, for another place, or changed at any byte', () => {
  const sealed = seal(key, 'row/access', 'secret');
  expect(unseal(Buffer.alloc(32, 4), 'row/access', sealed)).toBeNull();
  expect(unseal(key, 'row/refresh', sealed)).toBeNull();
  const bytes = Buffer.from(sealed, 'base64url');
  for (let i = 0; i < bytes.length; i += 1) {
    const changed = Buffer.from(bytes);
    changed[i] = (changed[i] ?? 0) ^ 1;
    expect(unseal(key, 'row/access', changed.toString('base64url'))).toBeNull();
  }
  for (const short of ['', 'aa', bytes.subarray(0, 20).toString('base64url')])
    expect(unseal(key, 'row/access', short)).toBeNull();
});
