import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { clipboardRequest, excerpt } from './clipboard.ts';
import { onKey, STAYING } from './leaving.ts';
import type { Leaving } from './leaving.ts';
import { safeLink } from './links.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('T61 the clipboard', () => {
  it('refuses to be read', () => {
    for (const payload of ['c;?', 'p;?', ';?', '?'])
      expect(clipboardRequest(payload)).toEqual({ ask: 'refused' });
  });
  it('asks before it is written', () => {
    expect(clipboardRequest(`c;${base64('naïve ✓')}`)).toEqual({ ask: 'write', text: 'naïve ✓' });
    expect(clipboardRequest(`;${base64('x')}`)).toEqual({ ask: 'write', text: 'x' });
  });
  it('refuses what is empty, too long, or no text', () => {
    const bad = [
      'c;',
      `c;${base64('x'.repeat(100_001))}`,
      `c;${Buffer.from([0xff, 0xfe]).toString('base64')}`,
      'c;%%%',
      'c;A',
    ];
    for (const payload of bad) expect(clipboardRequest(payload)).toEqual({ ask: 'refused' });
  });
  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (payload) => void clipboardRequest(payload)));
  });
  it('shows what it would copy without hiding a line break', () => {
    expect(excerpt('curl x | sh\n\x1b[2J')).toBe('curl x | sh⏎·[2J');
    expect(excerpt('x'.repeat(200)).length).toBe(80);
  });
});

describe('T62 links', () => {
  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'vbscript:x',
    'blob:http://x/y',
    '//x',
    'x',
    '',
    ' javascript:1',
  ])('%s is inert', (uri) => {
    expect(safeLink(uri)).toBeNull();
  });
  it('http and https open', () => {
    expect(safeLink('https://dask.org/a?b#c')).toBe('https://dask.org/a?b#c');
    expect(safeLink('HTTP://localhost:8787')).toBe('http://localhost:8787/');
  });
});

describe('leaving the terminal', () => {
  const press = (...keys: (string | Partial<{ key: string; ctrlKey: boolean; at: number }>)[]): boolean => {
    let state: Leaving = STAYING;
    let leaves = false;
    for (const given of keys) {
      const { at = 0, ...key } = typeof given === 'string' ? { key: given } : given;
      ({ state, leaves } = onKey(
        state,
        { key: '', ctrlKey: false, altKey: false, metaKey: false, ...key },
        at,
      ));
    }
    return leaves;
  };
  it('Esc, Tab leaves, also backwards', () => {
    expect(press('Escape', 'Tab')).toBe(true);
    expect(press('Escape', 'Shift', 'Tab')).toBe(true);
  });
  it('a Tab alone completes, and so does one after another key or much later', () => {
    expect(press('Tab')).toBe(false);
    expect(press('Escape', 'x', 'Tab')).toBe(false);
    expect(press('Escape', 'Tab', 'Tab')).toBe(false);
    expect(press('Escape', { key: 'Tab', at: 3000 })).toBe(false);
    expect(press({ key: 'Escape', ctrlKey: true }, 'Tab')).toBe(false);
  });
});
