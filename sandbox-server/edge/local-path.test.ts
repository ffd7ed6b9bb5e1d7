import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localPath } from './local-path.ts';

describe('T14 where a person goes after signing in', () => {
  it.each([
    ['/', '/'],
    ['/courses/dask/1-local-cluster/?start', '/courses/dask/1-local-cluster/?start'],
    ['/courses/dask/?start#step-2', '/courses/dask/?start#step-2'],
    ['/search?q=a//b', '/search?q=a//b'],
    ['/caffè', '/caff%C3%A8'],
  ])('%s is a path of ours', (next, path) => {
    expect(localPath(next)).toBe(path);
  });

  it.each([
    undefined,
    '',
    'courses',
    '//x',
    '///x',
    '////x',
    '\\\\x',
    '/\\x',
    '\\/x',
    '/\\/x',
    '/\t/x',
    '/\n/x',
    '/\r/x',
    '\t//x',
    ' //x',
    'https:x',
    'https://x',
    'https:/x',
    'http:x',
    'HTTPS://x',
    'javascript:alert(1)',
    'data:text/html,x',
    '%2f%2fx',
    '/%2fx',
    '/%2Fx',
    '/%5cx',
    '/%5C%5Cx',
    '/x\r\nSet-Cookie: a=b',
    '/x\u0000',
    '/x\u0085y',
    '@x',
    '/./\\x',
    '/.//x',
    '/..//x',
    '/a/..//x',
    '/%2e//x',
    '/a/%2e%2e//x',
    `/${'x'.repeat(3000)}`,
  ])('%j leads home', (next) => {
    expect(localPath(next)).toBe('/');
  });

  it('never leaves the site, whatever is asked', () => {
    const hostile = fc.array(
      fc.constantFrom('/', '\\', '.', ':', '@', 'x', 'http', '%2f', '\t', '\n', '?', '#', ' ', '//'),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(hostile, (parts) => {
        const path = localPath(parts.join(''));
        expect(new URL(path, 'https://us.example').origin).toBe('https://us.example');
        expect(path).toMatch(/^\/(?![/\\])/);
      }),
      { numRuns: 5000 },
    );
  });
});
