import { describe, expect, it } from 'vitest';
import { refusalOf } from './entitled.ts';
import { entitlementsOf } from './groups.ts';

const course = { title: 'Dask', groups: [] as string[] };
const needing = (kit: string, ...audiences: string[]) => ({
  needs: {
    kit,
    services: [],
    after: [],
    resources: {},
    tokens: audiences.map((audience) => ({ audience, scope: 'openid' })),
  },
});
const of = (grant: object) => entitlementsOf([], { '*': { roles: ['learner'], labs: 1, ...grant } });

describe('who may take a lesson', () => {
  it('everybody, where groups grant every kit and every token by naming none', () => {
    expect(refusalOf(course, needing('gpu', 'rucio'), of({}))).toBeNull();
  });
  it('not who is in no group of its course', () => {
    expect(refusalOf({ ...course, groups: ['icsc/vip'] }, needing('base'), of({}))).toMatch(
      /open to certain groups/,
    );
  });
  it('not who lacks its kit, and hears which they have', () => {
    expect(refusalOf(course, needing('gpu'), of({ kits: ['base', 'dask'] }))).toBe(
      'This lesson runs in the kit gpu; your groups grant base, dask.',
    );
    expect(refusalOf(course, needing('base'), of({ kits: ['base'] }))).toBeNull();
  });
  it('not who lacks one of its tokens', () => {
    const rucio = of({ tokens: ['rucio'] });
    expect(refusalOf(course, needing('base', 'rucio'), rucio)).toBeNull();
    expect(refusalOf(course, needing('base', 'rucio', 'offload'), rucio)).toMatch(
      /token for offload.*tokens for rucio/,
    );
    expect(refusalOf(course, needing('base', 'rucio'), of({ tokens: [] }))).toMatch(/tokens for none/);
  });
  it('not a stranger where only named groups grant anything', () => {
    const stranger = entitlementsOf(['x'], { 'icsc/users': { roles: ['learner'], labs: 1 } });
    expect(refusalOf(course, needing('base'), stranger)).toMatch(/kit base; your groups grant none/);
  });
});
