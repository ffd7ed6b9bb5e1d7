import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entitlementsOf, grantsOf, groupPath, groupsOf, MOST_GROUPS } from './groups.ts';

const grants = {
  '*': { roles: ['learner' as const], labs: 3 },
  'icsc/palestra/authors': { roles: ['author' as const], labs: 6 },
  '/icsc/palestra/operators': { roles: ['operator' as const, 'author' as const], labs: 12 },
};

describe('entitlements', () => {
  it('add up over groups, the largest number of labs counts', () => {
    const both = entitlementsOf(['icsc/palestra/authors', 'icsc/palestra/operators'], grants);
    expect(both).toMatchObject({ roles: ['learner', 'author', 'operator'], labs: 12 });
    expect(entitlementsOf([], grants)).toMatchObject({ roles: ['learner'], labs: 3 });
  });
  it('are nothing for a stranger where no * stands', () => {
    expect(entitlementsOf(['icsc'], { 'icsc/users': { roles: ['learner'], labs: 3 } })).toMatchObject({
      roles: [],
      labs: 0,
    });
  });
  it('open a course to its groups, to everybody by * or by naming none', () => {
    const mine = entitlementsOf(['icsc/users'], grants);
    expect(
      [[], ['*'], ['icsc/users'], ['/icsc/users'], ['other', 'icsc/users']].map((g) => mine.mayTake(g)),
    ).toEqual([true, true, true, true, true]);
    expect(
      [['other'], ['icsc'], ['icsc/users/x'], ['//icsc/users'], ['ICSC/users']].map((g) => mine.mayTake(g)),
    ).toEqual([false, false, false, false, false]);
  });
  it('T25 follow from a group only where it is the same, character by character', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string({ minLength: 1 }), (groups, wanted) => {
        const named = wanted === '*' ? 'x' : wanted;
        const { roles } = entitlementsOf(groupsOf(groups), { [named]: { roles: ['operator'], labs: 1 } });
        expect(roles.includes('operator')).toBe(
          groups.filter((g) => g !== '').some((g) => groupPath(g) === groupPath(named)),
        );
      }),
    );
  });
  it('T25 a person in a group called * holds nothing by it', () => {
    expect(entitlementsOf(['*'], { 'icsc/palestra/authors': { roles: ['author'], labs: 9 } })).toMatchObject({
      roles: [],
      labs: 0,
    });
  });
});

describe('grants of kits, tokens and the cluster', () => {
  const rows = {
    '*': {
      roles: [],
      labs: 3,
      kits: ['base'],
      tokens: ['rucio'],
      sizes: ['small'],
      quota: { pods: 12, memory: '6Gi' },
    },
    'icsc/gpu': {
      roles: [],
      labs: 3,
      kits: ['gpu'],
      tokens: [],
      gpu: 2,
      quota: { memory: '8000Mi', cpu: '500m' },
    },
    'icsc/all': { roles: [], labs: 3, sizes: ['large', 'small'], sites: ['recas'] },
  };
  it('add up: names are joined, the largest figure of each kind counts', () => {
    expect(entitlementsOf(['icsc/gpu'], rows).grants).toEqual({
      kits: ['base', 'gpu'],
      tokens: ['rucio'],
      sizes: ['small'],
      quota: { pods: 12, memory: '8000Mi', cpu: '500m' },
      gpu: 2,
      sites: [],
    });
  });
  it('are every kit and token where one group that grants names none', () => {
    const { kits, tokens, sizes, sites } = entitlementsOf(['icsc/all'], rows).grants;
    expect({ kits, tokens, sizes, sites }).toEqual({
      kits: null,
      tokens: null,
      sizes: ['small', 'large'],
      sites: ['recas'],
    });
  });
  it('are nothing for a stranger: no kit, no token, no size', () => {
    const { '*': _everybody, ...named } = rows;
    expect(entitlementsOf(['icsc'], named).grants).toEqual({
      kits: [],
      tokens: [],
      sizes: [],
      quota: {},
      gpu: 0,
      sites: [],
    });
  });
  it('compare quantities by what they mean, not by how they are written', () => {
    fc.assert(
      fc.property(fc.nat(9000), fc.nat(9), (mi, gi) => {
        const quota = (memory: string) => ({ roles: [], labs: 1, quota: { memory } });
        const both = grantsOf([quota(`${mi}Mi`), quota(`${gi}Gi`)]).quota.memory;
        expect(both).toBe(gi * 1024 > mi ? `${gi}Gi` : `${mi}Mi`);
      }),
    );
  });
});

describe('a groups claim', () => {
  it('is read without duplicates, in an order of its own, within bounds', () => {
    expect(groupsOf(['/b', 'a', '/a', 'b', 3, null, '', 'x'.repeat(513)])).toEqual(['a', 'b']);
    expect(groupsOf(Array.from({ length: MOST_GROUPS + 5 }, (_, i) => `g${i}`))).toHaveLength(MOST_GROUPS);
  });
  it.each([undefined, null, 'a', {}, 7])('that is %j is no groups', (claim) =>
    expect(groupsOf(claim)).toEqual([]),
  );
});
