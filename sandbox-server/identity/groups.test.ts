import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entitlementsOf, groupPath, groupsOf, MOST_GROUPS } from './groups.ts';

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

describe('a groups claim', () => {
  it('is read without duplicates, in an order of its own, within bounds', () => {
    expect(groupsOf(['/b', 'a', '/a', 'b', 3, null, '', 'x'.repeat(513)])).toEqual(['a', 'b']);
    expect(groupsOf(Array.from({ length: MOST_GROUPS + 5 }, (_, i) => `g${i}`))).toHaveLength(MOST_GROUPS);
  });
  it.each([undefined, null, 'a', {}, 7])('that is %j is no groups', (claim) =>
    expect(groupsOf(claim)).toEqual([]),
  );
});
