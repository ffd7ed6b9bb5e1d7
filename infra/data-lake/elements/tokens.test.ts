import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  covers,
  isLookalike,
  pathsFor,
  readClaims,
  sentenceOfRefusal,
  whyRefused,
  type Need,
} from './tokens.ts';

const audience = { host: 'cnaf.palestra.test', port: 31451, issuer: 'https://iam.palestra.test:31443/' };
const now = 1_800_000_000_000;
const learner = {
  iss: audience.issuer,
  sub: 'b2f0',
  aud: ['rucio', 'cnaf.palestra.test'],
  exp: now / 1000 + 600,
  nbf: now / 1000 - 1,
  scope: 'openid profile storage.read:/ storage.create:/user/st07 storage.modify:/user/st07',
};
const put = (path: string): readonly Need[] => [{ path: `/rucio${path}`, any: ['create', 'modify'] }];
const get = (path: string): readonly Need[] => [{ path: `/rucio${path}`, any: ['read'] }];
const token = (claims: object) =>
  ['{"alg":"none"}', JSON.stringify(claims), 'x']
    .map((one) => Buffer.from(one).toString('base64url'))
    .join('.');
const why = (claims: object, needs: readonly Need[]) => whyRefused(token(claims), audience, needs, now);

describe('claims', () => {
  it('are read without trusting them', () =>
    expect(readClaims(token(learner))).toMatchObject({ sub: 'b2f0' }));
  it.each(['', 'a', 'a.b', 'a.b.c.d', '..', 'a.!.c', 'a.e30', `a.${'ée'}.c`])('%j is no token', (text) =>
    expect(readClaims(text)).toBeNull(),
  );
  it.each([token([]), token({ exp: 'soon' }), 'a.bm8.c'])('a payload of another shape is no token', (text) =>
    expect(readClaims(text)).toBeNull(),
  );
  it('T65 any text is a token or is not', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void readClaims(`a.${Buffer.from(text).toString('base64url')}.c`)),
    );
  });
});

describe('what scopes open', () => {
  it('stands below /rucio', () => {
    expect(pathsFor(learner, 'modify')).toEqual(['/rucio/user/st07']);
    expect(pathsFor(learner, 'read')).toEqual(['/rucio']);
    expect(
      pathsFor({ scope: 'storage.modify:/user/st07/ storage.modify storage.modify:x' }, 'modify'),
    ).toEqual(['/rucio/user/st07']);
  });
  it('covers whole names', () => {
    expect(covers('/rucio/user/st07', '/rucio/user/st07')).toBe(true);
    expect(covers('/rucio/user/st07', '/rucio/user/st07/a')).toBe(true);
    expect(covers('/rucio/user/st07', '/rucio/user/st07x')).toBe(false);
    expect(covers('/rucio/user/st07', '/rucio/user/st0')).toBe(false);
  });
  it("T57 another learner's prefix is not ours", () => {
    expect(isLookalike(learner, put('/user/st07x/a'))).toBe(true);
    expect(isLookalike(learner, put('/user/st070'))).toBe(true);
    expect(isLookalike(learner, put('/user/st07/a'))).toBe(false);
    expect(isLookalike(learner, put('/user/st08/a'))).toBe(false);
    expect(isLookalike(learner, get('/user/st07x/a'))).toBe(false);
  });
  it('no capability may be had by prefix, whatever another one covers', () => {
    const odd = { scope: 'storage.create:/user/st07x storage.modify:/user/st07' };
    expect(isLookalike(odd, put('/user/st07x/a'))).toBe(true);
  });
});

describe('why a token is refused', () => {
  it('no token, no JWT', () => {
    expect(whyRefused(null, audience, get('/a'), now)).toBe('no-token');
    expect(whyRefused('hunter2', audience, get('/a'), now)).toBe('not-a-token');
  });
  it.each([
    ['expired', { exp: now / 1000 - 1 }, get('/a')],
    ['expired', { exp: undefined }, get('/a')],
    ['not-yet', { nbf: now / 1000 + 60 }, get('/a')],
    ['wrong-issuer', { iss: 'http://localhost:4747/idp' }, get('/a')],
    ['wrong-issuer', { iss: 'https://iam.palestra.test:31443' }, get('/a')],
    ['wrong-audience', { aud: 'rucio' }, get('/a')],
    ['wrong-audience', { aud: undefined }, get('/a')],
    ['missing-scope', { scope: 'openid storage.read:/' }, put('/user/st07/a')],
    ['missing-scope', { scope: undefined }, get('/a')],
    ['elsewhere', {}, put('/user/ada/a')],
    ['lookalike', {}, put('/user/st07x/a')],
    ['signature', {}, put('/user/st07/a')],
  ])('%s: %j', (reason, change, needs) => expect(why({ ...learner, ...change }, needs)).toBe(reason));
  it.each(['cnaf.palestra.test', 'https://cnaf.palestra.test:31451', 'https://wlcg.cern.ch/jwt/v1/any'])(
    'takes the audience %s',
    (aud) => expect(why({ ...learner, aud }, get('/a'))).toBe('signature'),
  );
  it('both ends of a MOVE count', () => {
    expect(why(learner, [...put('/user/st07/a'), ...put('/user/ada/a')])).toBe('elsewhere');
  });
  it('names what is lacking, in a sentence', () => {
    expect(sentenceOfRefusal('missing-scope', put('/user/st07/a'))).toBe(
      'The token lacks a scope: storage.create or storage.modify for /user/st07/a.',
    );
  });
});
