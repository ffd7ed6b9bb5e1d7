import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lakePath, learnerOf, readTarget, storedPath } from './paths.ts';

function pathOf(target: string): string {
  const reading = readTarget(target);
  return reading.ok ? reading.at.path : reading.why;
}

describe('the path of a request', () => {
  it.each([
    ['/rucio/user/st07/a', '/rucio/user/st07/a'],
    ['//rucio///user/st07//a', '/rucio/user/st07/a'],
    ['/rucio/user/st07/', '/rucio/user/st07/'],
    ['https://cnaf.palestra.test:31451/rucio/user/st07/a', '/rucio/user/st07/a'],
    ['HTTP://cnaf.palestra.test/rucio', '/rucio'],
    ['https://cnaf.palestra.test', '/'],
    ['*', '/'],
    ['/rucio/user/st07/a%20b', '/rucio/user/st07/a b'],
    ['/rucio/user/st07/%F0%9F%9B%B0.root', '/rucio/user/st07/🛰.root'],
    ['/rucio/user/st07/caff\xc3\xa8', '/rucio/user/st07/caffè'],
    ['/rucio/user/st07/100%25', '/rucio/user/st07/100%'],
    ['/rucio/user/st07/...', '/rucio/user/st07/...'],
    ['/rucio/user/st07/a?authz=Bearer', '/rucio/user/st07/a'],
  ])('%s is %s', (target, path) => expect(pathOf(target)).toBe(path));

  it.each([
    ['/rucio/user/st07/../ada/a', 'dots'],
    ['/rucio/user/st07/..', 'dots'],
    ['/rucio/./user', 'dots'],
    ['/rucio/user/st07/%2e%2e/ada/a', 'dots'],
    ['/rucio/user/st07/%2E./ada/a', 'dots'],
    ['/rucio/user/st07/.%2e', 'dots'],
    ['/rucio/user/st07/%252e%252e/ada', 'character'],
    ['/rucio/user/st07%2f..%2fada', 'character'],
    ['/rucio/user/st07%2Fa', 'character'],
    ['/rucio/user/st07/a%00b', 'character'],
    ['/rucio/user/st07/a%3Fauthz=x', 'character'],
    ['/rucio/user/st07/a%0d%0aX: y', 'character'],
    ['/rucio/user/st07/a%5c..%5cb', 'character'],
    ['/rucio/user/st07/a#b', 'character'],
    ['/rucio/user/st07/a%', 'encoding'],
    ['/rucio/user/st07/a%2', 'encoding'],
    ['/rucio/user/st07/a%zz', 'encoding'],
    ['/rucio/user/st07/%ff', 'encoding'],
    ['/rucio/user/st07/%c0%ae%c0%ae', 'encoding'],
    ['/rucio/user/st07/%ed%a0%80', 'encoding'],
    [`/rucio/user/st07/${'a'.repeat(256)}`, 'length'],
    [`/rucio/${'a/'.repeat(520)}`, 'length'],
    ['rucio/user', 'form'],
    ['ftp://cnaf.palestra.test/rucio', 'form'],
    ['https://cnaf.palestra.test#/rucio', 'form'],
  ])('T31 refuses %s: %s', (target, why) => expect(pathOf(target)).toBe(why));

  it('keeps the query apart, whatever stands in it', () => {
    const reading = readTarget('/rucio/a?authz=Bearer%20x&b=/../c');
    expect(reading).toMatchObject({ ok: true, query: 'authz=Bearer%20x&b=/../c', at: { path: '/rucio/a' } });
  });

  it('says on the wire what it says in its path, for any name at all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), { maxLength: 5 }),
        (names) => {
          const reading = readTarget(`/${names.map(tryEncode).join('/')}`);
          if (!reading.ok) return;
          const again = readTarget(reading.at.wire);
          expect(again.ok && again.at.path === reading.at.path && again.query === '').toBe(true);
          expect(reading.at.path).not.toMatch(/\/\/|\/\.\.?(\/|$)|[\0?\n\r]/);
        },
      ),
    );
  });

  it('T65 any bytes give a path or a named problem', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const reading = readTarget(`/${Buffer.from(bytes).toString('latin1')}`);
        expect(reading.ok ? reading.at.path.startsWith('/') : reading.why.length > 0).toBe(true);
      }),
    );
  });
});

describe('whose a path is', () => {
  it.each([
    ['/rucio/user/st07', 'st07'],
    ['/rucio/user/st07/', 'st07'],
    ['/rucio/user/st07/77/b6/run42.root', 'st07'],
    ['/rucio/user/st07x/a', 'st07x'],
    ['/rucio/user/St07/a', null],
    ['/rucio/user//st07', null],
    ['/rucio/user', null],
    ['/rucio/group/st07/a', null],
    ['/ruciox/user/st07/a', null],
    ['/user/st07/a', null],
    [`/rucio/user/${'a'.repeat(26)}/b`, null],
  ])('%s: %s', (path, learner) => expect(learnerOf(path)).toBe(learner));

  it('another spelling of the same path is the same learner', () => {
    expect(lakePath('/rucio//user///st07/a').learner).toBe('st07');
  });
});

describe('where Rucio keeps a file', () => {
  it('is where the trial found it', () => {
    expect(storedPath('user.learner03', 'run42.root')).toBe('/rucio/user/learner03/77/b6/run42.root');
  });
  it.each(['', '..', '.', 'a/b', '../../ada/aa/bb/c', 'a\0b', 'a?b'])('T31 refuses the name %j', (name) => {
    expect(storedPath('user.st07', name)).toBeNull();
  });
});

function tryEncode(name: string): string {
  // lone surrogates have no encoding
  return name.isWellFormed() ? encodeURIComponent(name) : 'x';
}
