import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, elementOf, siteOf } from './addresses.ts';

describe('a SURL', () => {
  it.each([
    [
      'davs://cnaf.palestra.test:31451/rucio/user/ada/77/b6/x.root',
      'https://cnaf.palestra.test:31451/rucio/user/ada/77/b6/x.root',
    ],
    ['https://h/x', 'https://h/x'],
    ['davs://h:1/a b/città', 'https://h:1/a%20b/citt%C3%A0'],
    ['davs://h:1//rucio//x', 'https://h:1//rucio//x'],
    ['davs://h/x..y', 'https://h/x..y'],
    ['davs://h/...', 'https://h/...'],
  ])('%s is asked at %s', (surl, url) => expect(addressOf(surl).href).toBe(url));

  it.each([
    ['another scheme', 'root://h//x'],
    ['no host', 'davs:///x'],
    ['a password', 'davs://u:p@h/x'],
    ['a question', 'davs://h/x?authz=secret'],
    ['a fragment', 'davs://h/x#y'],
    ['a folder', 'davs://h/x/'],
    ['a line break', 'davs://h/x\ny'],
    ['NUL', 'davs://h/x\u0000y'],
    ['a space for a host', 'davs:// /x'],
    ['a port that is none', 'davs://h:99999/x'],
  ])('T31 refuses %s', (_name, surl) => expect(() => addressOf(surl)).toThrow(RangeError));

  it('T31 refuses ../, %2e%2e, NUL and absolute paths, wherever they stand', () => {
    const dots = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '%2E.',
      '.%2e',
      '%2e',
      'a%2fb',
      'a%5cb',
      'a\\b',
      'a%00b',
    );
    const plain = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(fc.array(plain), dots, fc.array(plain, { minLength: 1 }), (before, bad, after) => {
        expect(() => addressOf(`davs://h/${[...before, bad, ...after].join('/')}`)).toThrow(RangeError);
      }),
    );
  });

  it('stays below the folders that it names: the path that is asked has the same segments', () => {
    const segment = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        const surl = `davs://h/${segments.join('/')}`;
        let url: URL;
        try {
          url = addressOf(surl);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(url.host).toBe('h');
        expect(url.pathname.split('/').length).toBe(surl.slice('davs://h'.length).split('/').length);
        expect(url.search + url.hash + url.username).toBe('');
      }),
    );
  });
});

it('an element is host and port', () => {
  expect(elementOf(new URL('https://h/x'))).toBe('h:443');
  expect(elementOf(new URL('https://h:8443/x'))).toBe('h:8443');
  expect(siteOf('h:8443')).toBe('h');
});
