import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { clipboardRequest, excerpt } from './clipboard.ts';
import { onKey, STAYING } from './leaving.ts';
import type { KeyAct, Leaving } from './leaving.ts';
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
  type Press = string | Partial<{ key: string; ctrlKey: boolean; at: number }>;
  const press = (idle: boolean, ...keys: Press[]): KeyAct[] => {
    let state: Leaving = STAYING;
    return keys.map((given) => {
      const { at = 0, ...key } = typeof given === 'string' ? { key: given } : given;
      const next = onKey(state, { key: '', ctrlKey: false, altKey: false, metaKey: false, ...key }, at, idle);
      state = next.state;
      return next.act;
    });
  };
  it('Esc, Tab leaves, also backwards; at a prompt the Esc is not sent', () => {
    expect(press(true, 'Escape', 'Tab')).toEqual(['hold', 'leave']);
    expect(press(true, 'Escape', 'Shift', 'Tab')).toEqual(['hold', 'pass', 'leave']);
    expect(press(false, 'Escape', 'Tab')).toEqual(['pass', 'leave']);
  });
  it('at a prompt Esc and a letter are Meta, as readline knows them; the next key is itself', () => {
    expect(press(true, 'Escape', 'b', 'b')).toEqual(['hold', 'release', 'pass']);
    expect(press(true, 'Escape', 'Escape', 'x')).toEqual(['hold', 'release', 'pass']);
  });
  it('a program gets its Esc at once', () => {
    expect(press(false, 'Escape', 'x', 'Escape')).toEqual(['pass', 'pass', 'pass']);
  });
  it('a Tab alone completes, and so does one after another key or much later', () => {
    expect(press(true, 'Tab')).toEqual(['pass']);
    expect(press(true, 'Escape', 'x', 'Tab')).toEqual(['hold', 'release', 'pass']);
    expect(press(false, 'Escape', 'Tab', 'Tab')).toEqual(['pass', 'leave', 'pass']);
    expect(press(true, 'Escape', { key: 'Tab', at: 3000 })).toEqual(['hold', 'release']);
    expect(press(true, { key: 'Escape', ctrlKey: true }, 'Tab')).toEqual(['pass', 'pass']);
  });
});
