import { describe, expect, it } from 'vitest';
import { LAKE_LIMIT, LakeData } from '../contract/lake.ts';
import { lakeOf } from './merge.ts';
import { dataset, element, file, listed, parts, replica, rule, queued } from './testing/parts.ts';

describe('what is shown of a lake', () => {
  it('is a picture of the contract, also when there is nothing', () => {
    const nothing = lakeOf(parts());
    expect(LakeData.parse(nothing)).toEqual(nothing);
    expect(nothing).toMatchObject({ account: 'ada', scope: 'user.ada', dids: [], rules: [], transfers: [] });
  });

  it('elements: disks by name, then tape; what lies whole there is counted, with the quota as Rucio has it', () => {
    const { elements } = lakeOf(
      parts({
        dids: listed(file('a'), file('b')),
        replicas: listed(
          replica('a', { CNAF_USERDISK: 'here', NAPOLI_USERDISK: 'copying' }),
          replica('b', { CNAF_USERDISK: 'here' }),
        ),
        usage: [{ element: 'CNAF_USERDISK', used: 2000, limit: 5000 }],
      }),
    );
    expect(
      elements.map(({ name, nature, files, bytes, quota }) => ({ name, nature, files, bytes, quota })),
    ).toEqual([
      { name: 'CNAF_USERDISK', nature: 'disk', files: 2, bytes: 2000, quota: { used: 2000, limit: 5000 } },
      { name: 'NAPOLI_USERDISK', nature: 'disk', files: 0, bytes: 0, quota: null },
      { name: 'ARCHIVE_USERDISK', nature: 'tape', files: 0, bytes: 0, quota: null },
    ]);
  });

  it('of a lake with many elements, those where the learner has a quota or a copy', () => {
    const many = Array.from({ length: 40 }, (_, i) => element(`SITE${String(i)}_DISK`));
    const { elements } = lakeOf(
      parts({
        elements: many,
        dids: listed(file('a')),
        replicas: listed(replica('a', { SITE7_DISK: 'here' })),
        usage: [{ element: 'SITE3_DISK', used: 0, limit: null }],
      }),
    );
    expect(elements.map(({ name }) => name)).toEqual(['SITE3_DISK', 'SITE7_DISK']);
    expect(elements[0]?.quota).toEqual({ used: 0, limit: null });
  });

  it('names: containers and datasets first, numbers as numbers, each once with its last word', () => {
    const { dids } = lakeOf(
      parts({ dids: listed(file('run10'), file('run9', 1), dataset('ds'), file('run9', 2)) }),
    );
    expect(dids.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['ds', 0],
      ['run9', 2],
      ['run10', 1000],
    ]);
  });

  it('names that differ in what a language ignores keep an order of their own', () => {
    const names = (order: string[]) =>
      lakeOf(parts({ dids: listed(...order.map((name) => file(name))) })).dids.map(({ name }) => name);
    expect(names(['a', 'A', 'à', 'a b', 'data 2.root', 'data 10.root'])).toEqual(
      names(['data 10.root', 'a b', 'à', 'A', 'a', 'data 2.root']),
    );
  });

  it('a file: its copies by element, and the datasets that hold it', () => {
    const { dids } = lakeOf(
      parts({
        dids: listed(file('a')),
        replicas: listed(
          replica('a', { NAPOLI_USERDISK: 'bad', CNAF_USERDISK: 'here' }, [
            'user.ada:z',
            'user.ada:b',
            'user.ada:z',
          ]),
        ),
      }),
    );
    expect(dids[0]).toMatchObject({
      datasets: ['user.ada:b', 'user.ada:z'],
      copies: [
        { element: 'CNAF_USERDISK', state: 'here', have: 1, of: 1 },
        { element: 'NAPOLI_USERDISK', state: 'bad', have: 0, of: 1 },
      ],
    });
  });

  it('a dataset: how many of its files are where; what needs attention outweighs what moves, that outweighs rest', () => {
    const { dids } = lakeOf(
      parts({
        dids: listed(dataset('ds', 3)),
        replicas: listed(
          replica('a', { CNAF_USERDISK: 'here', NAPOLI_USERDISK: 'here' }, ['user.ada:ds']),
          replica('b', { CNAF_USERDISK: 'here', NAPOLI_USERDISK: 'copying' }, ['user.ada:ds']),
          replica('c', { CNAF_USERDISK: 'bad', NAPOLI_USERDISK: 'copying' }, ['user.ada:ds']),
          replica('of another', { ARCHIVE_USERDISK: 'here' }),
        ),
      }),
    );
    expect(dids[0]).toMatchObject({
      kind: 'dataset',
      files: 3,
      bytes: 3000,
      copies: [
        { element: 'CNAF_USERDISK', state: 'bad', have: 2, of: 3 },
        { element: 'NAPOLI_USERDISK', state: 'copying', have: 1, of: 3 },
      ],
    });
  });

  it('rules: newest first and in place whatever their state becomes; the same id once', () => {
    const order = (...rules: ReturnType<typeof rule>[]) => lakeOf(parts({ rules: listed(...rules) })).rules;
    const [old, young] = [rule('b', { createdAt: 1 }), rule('a', { createdAt: 2, state: 'replicating' })];
    expect(order(old, young, old).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(order({ ...young, state: 'ok' }, old).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(order(rule('y', { createdAt: 5 }), rule('x', { createdAt: 5 })).map(({ id }) => id)).toEqual([
      'x',
      'y',
    ]);
  });

  it('five hundred of each, and how many more', () => {
    const many = lakeOf(
      parts({
        rules: listed(...Array.from({ length: LAKE_LIMIT + 2 }, (_, i) => rule(String(i)))),
        dids: { items: Array.from({ length: LAKE_LIMIT + 7 }, (_, i) => file(`f${String(i)}`)), cut: true },
        transfers: Array.from({ length: LAKE_LIMIT + 1 }, (_, i) => queued(String(i))),
      }),
    );
    expect([many.rules.length, many.dids.length, many.transfers?.length]).toEqual([500, 500, 500]);
    expect([many.moreRules, many.moreDids, many.moreTransfers]).toEqual([2, 7, 1]);
    expect(many.atLeast).toBe(true);
    expect(LakeData.safeParse(many).success).toBe(true);
  });

  it('transfers by the elements behind their hosts and the scope of the rule that asks for them; oldest first', () => {
    const { transfers } = lakeOf(
      parts({
        rules: listed(rule('r', { name: 'theirs', scope: 'user.bob' })),
        transfers: [
          queued('b', { since: 2, name: 'theirs', to: 'elsewhere.example' }),
          queued('a', { since: 1 }),
        ],
      }),
    );
    expect(transfers).toMatchObject([
      { id: 'a', scope: 'user.ada', from: 'CNAF_USERDISK', to: 'NAPOLI_USERDISK' },
      { id: 'b', scope: 'user.bob', from: 'CNAF_USERDISK', to: 'elsewhere.example' },
    ]);
  });

  it('a transfer service that does not answer takes nothing else with it', () => {
    const lake = lakeOf(parts({ transfers: null, dids: listed(file('a')) }));
    expect(lake.transfers).toBeNull();
    expect(lake.dids).toHaveLength(1);
  });
});
