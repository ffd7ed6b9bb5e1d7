import { describe, expect, it } from 'vitest';
import { adlerAnswered, adlerGiven, asksSource, asksTarget, verifyGiven } from './checksum.ts';

describe('adler32', () => {
  it.each([
    ['ADLER32:204df7dc', '204df7dc'],
    ['adler32:1', '00000001'],
    ['Adler-32:ABC', '00000abc'],
    ['ecea70f8', 'ecea70f8'],
    ['MD5:77ea8789f4f6af302c51d1a0d6a829b5', null],
    ['ADLER32:', null],
    ['ADLER32:xyz', null],
    ['', null],
    [null, null],
    [undefined, null],
  ])('given as %j is %j', (text, value) => expect(adlerGiven(text)).toBe(value));

  it.each([
    ['adler32=204df7dc', '204df7dc'],
    ['ADLER32=1', '00000001'],
    ['md5=abc, adler32=0b24cc7f', '0b24cc7f'],
    ['adler32="0b24cc7f"', '0b24cc7f'],
    ['xadler32=0b24cc7f', null],
    ['adler32=', null],
    ['', null],
    [undefined, null],
  ])('answered as %j is %j', (digest, value) => expect(adlerAnswered(digest)).toBe(value));
});

it('what is compared, in the words of FTS3', () => {
  const asked = [true, 'both', 'source', 'target', 'none', false, undefined].map((value) => {
    const verify = verifyGiven(value);
    return [verify, asksSource(verify), asksTarget(verify)];
  });
  expect(asked).toEqual([
    ['both', true, true],
    ['both', true, true],
    ['source', true, false],
    ['target', false, true],
    ['none', false, false],
    ['none', false, false],
    ['none', false, false],
  ]);
});
