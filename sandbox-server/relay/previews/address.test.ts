import { describe, expect, it } from 'vitest';
import { previewOrigin, previewPlace } from './address.ts';

const PORTAL = new URL('http://localhost:4747/');
const ID = 'abcdefghij234567abcd';

describe('a preview address', () => {
  it('is read as it is written', () => {
    const origin = previewOrigin(PORTAL, 8787, ID);
    expect(origin).toBe(`http://8787-${ID}.localhost:4747`);
    expect(previewPlace(new URL(origin).host, PORTAL)).toEqual({
      port: 8787,
      sandbox: ID,
      origin,
      portal: 'http://localhost:4747',
    });
    expect(previewOrigin(new URL('https://palestra.example.org'), 8787, ID)).toBe(
      `https://8787-${ID}.palestra.example.org`,
    );
  });

  it.each([
    'localhost:4747',
    'localhost',
    `8787-${ID}.localhost:80`,
    `8787-${ID}.evil.org:4747`,
    `8787-${ID}localhost:4747`,
    '',
  ])('is not meant by %s', (host) => {
    expect(previewPlace(host, PORTAL)).toBe(null);
  });

  it.each([
    `80@evil-${ID}`,
    '80@evil',
    '127.0.0.1:22',
    `127.0.0.1:22-${ID}`,
    `65536-${ID}`,
    `22-${ID}`,
    `1023-${ID}`,
    `99999-${ID}`,
    `8787-${ID}.x`,
    `x.8787-${ID}`,
    `8787-${ID}a`,
    `8787-${ID.slice(1)}`,
    `8787-${ID.slice(1)}1`,
    `-${ID}`,
    `8787 -${ID}`,
    `8787%2d${ID}`,
    `+8787-${ID}`,
    `0x22-${ID}`,
    `８７８７-${ID}`,
    '',
    'www',
  ])('T37 is refused as bad: %s', (label) => {
    expect(previewPlace(`${label}.localhost:4747`, PORTAL)).toBe('bad');
  });
});
