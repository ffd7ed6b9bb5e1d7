import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Elements, Limits } from './limits.ts';
import { choose, NO_TURNS, type Turns, type Waiting } from './order.ts';

const LIMITS: Limits = { total: 100, perLink: 100, inbound: 100, outbound: 100 };
const NOTHING: Elements = new Map();
let next = 0;
function file(user: string, more: Partial<Waiting> = {}): Waiting {
  next += 1;
  const [source, destination] = [more.source ?? 'a:1', more.destination ?? 'b:1'];
  return {
    file: next,
    job: `job${next}`,
    user,
    priority: 3,
    notBefore: 0,
    target: `davs://${destination}/${next}`,
    ...more,
    source,
    destination,
    link: `${source} > ${destination}`,
  };
}
const rules = (limits: Partial<Limits> = {}, elements = NOTHING, now = 1000) => ({
  limits: { ...LIMITS, ...limits },
  elements,
  now,
});
const users = (files: readonly Waiting[]) => files.map((one) => one.user).join('');

describe('what starts', () => {
  it('goes by turns: who submitted a thousand files first does not keep others out', () => {
    const waiting = [...Array.from({ length: 1000 }, () => file('a')), file('b'), file('b'), file('c')];
    expect(users(choose(waiting, [], NO_TURNS, rules({ total: 6 })).start)).toBe('abcaba');
  });
  it('is in the order of arrival for one user, urgent files first', () => {
    const [one, two, urgent, slow] = [
      file('a'),
      file('a'),
      file('a', { priority: 5 }),
      file('a', { priority: 1 }),
    ];
    expect(choose([slow, one, two, urgent], [], NO_TURNS, rules()).start).toEqual([urgent, one, two, slow]);
  });
  it('keeps to the limits of link, element and service, what runs included', () => {
    const many = (source: string, destination: string) =>
      Array.from({ length: 20 }, () => file('a', { source, destination }));
    const waiting = [...many('a:1', 'b:1'), ...many('a:1', 'c:1'), ...many('d:1', 'b:1')];
    const running = [file('x'), file('x')];
    const count = (limits: Partial<Limits>) => {
      const { start } = choose(waiting, running, NO_TURNS, rules(limits));
      return [
        start.length,
        ...['a:1 > b:1', 'a:1 > c:1', 'd:1 > b:1'].map(
          (link) => start.filter((one) => one.link === link).length,
        ),
      ];
    };
    expect(count({ total: 7 })[0]).toBe(5);
    expect(count({ perLink: 4 })).toEqual([10, 2, 4, 4]);
    expect(count({ inbound: 5 }).slice(1)).toEqual([3, 5, 0]);
    expect(count({ outbound: 6 }).slice(1)).toEqual([4, 0, 6]);
  });
  it("lets an operator's limit go before the service's", () => {
    const elements: Elements = new Map([['b', { inbound: 1, outbound: null, banned: null }]]);
    expect(choose([file('a'), file('a')], [], NO_TURNS, rules({}, elements)).start).toHaveLength(1);
  });
  it('is nothing of a banned element, on either side', () => {
    const banned = {
      inbound: null,
      outbound: null,
      banned: { message: '', status: 'wait', since: 0 } as const,
    };
    for (const name of ['a', 'b', 'davs://a:1', 'b:1/'])
      expect(choose([file('a')], [], NO_TURNS, rules({}, new Map([[name, banned]]))).start).toEqual([]);
    expect(choose([file('a')], [], NO_TURNS, rules({}, new Map([['c', banned]]))).start).toHaveLength(1);
  });
  it('is nothing before its time', () => {
    const later = file('a', { notBefore: 1001 });
    expect(choose([later], [], NO_TURNS, rules()).start).toEqual([]);
    expect(choose([later], [], NO_TURNS, rules({}, NOTHING, 1001)).start).toEqual([later]);
  });
  it('is never two files for one address, waiting or running', () => {
    const [one, two] = [file('a', { target: 'x' }), file('b', { target: 'x' })];
    expect(choose([one, two], [], NO_TURNS, rules()).start).toEqual([one]);
    expect(choose([two], [one], NO_TURNS, rules()).start).toEqual([]);
  });
  it('passes over a full link to what another link may carry', () => {
    const blocked = Array.from({ length: 50 }, () => file('a'));
    const free = file('a', { destination: 'c:1' });
    expect(choose([...blocked, free], [file('x')], NO_TURNS, rules({ perLink: 1 })).start).toEqual([free]);
  });
});

describe('over time', () => {
  /** one slot, served again and again */
  function serve(waiting: readonly Waiting[], slots: number): readonly Waiting[] {
    let [left, turns]: [readonly Waiting[], Turns] = [waiting, NO_TURNS];
    const served: Waiting[] = [];
    while (left.length > 0 && served.length < slots) {
      const choice = choose(left, [], turns, rules({ total: 1 }));
      const [one] = choice.start;
      if (one === undefined) break;
      served.push(one);
      turns = choice.turns;
      left = left.filter((other) => other !== one);
    }
    return served;
  }
  const count = (served: readonly Waiting[], user: string) =>
    served.filter((one) => one.user === user).length;

  it('urgent files get a greater share, and do not starve others', () => {
    const waiting = [
      ...Array.from({ length: 100 }, () => file('a', { priority: 5 })),
      ...Array.from({ length: 100 }, () => file('b', { priority: 1 })),
    ];
    const served = serve(waiting, 60);
    expect(count(served, 'a')).toBe(50);
    expect(count(served, 'b')).toBe(10);
  });
  it('nobody saves up turns by being away', () => {
    const first = choose([file('a'), file('a'), file('a')], [], NO_TURNS, rules({ total: 3 }));
    const both = Array.from({ length: 10 }, (_, n) => file(n < 5 ? 'a' : 'b'));
    const { start } = choose(both, [], first.turns, rules({ total: 6 }));
    expect(count(start, 'b')).toBeLessThanOrEqual(5);
    expect(count(start, 'a')).toBeGreaterThanOrEqual(1);
  });
  it('of equal users nobody is ever more than one ahead, and all are served', () => {
    const submitted = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(submitted, (names) => {
        const served = serve(
          names.map((name) => file(name)),
          Infinity,
        );
        expect(served).toHaveLength(names.length);
        for (let upTo = 1; upTo <= served.length; upTo += 1) {
          const left = new Set(served.slice(upTo).map((one) => one.user));
          const had = [...left].map((user) => count(served.slice(0, upTo), user));
          if (had.length > 0) expect(Math.max(...had) - Math.min(...had)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 50 },
    );
  });
  it('an endless stream of newcomers does not keep out who was there before, nor is anybody remembered for ever', () => {
    let turns = NO_TURNS;
    let busy = 0;
    for (let n = 0; n < 1000; n += 1) {
      const choice = choose([file('busy'), file(`new${n}`)], [], turns, rules({ total: 1 }));
      turns = choice.turns;
      busy += count(choice.start, 'busy');
    }
    expect(busy).toBeGreaterThan(250);
    expect(turns.had.size).toBeLessThan(10);
  });
  it('a user whose element was banned for long is not served alone afterwards', () => {
    let turns: Turns = NO_TURNS;
    const banned = {
      inbound: null,
      outbound: null,
      banned: { message: '', status: 'wait', since: 0 } as const,
    };
    const held = Array.from({ length: 50 }, () => file('held', { destination: 'c:1' }));
    for (let n = 0; n < 500; n += 1)
      turns = choose([...held, file('busy')], [], turns, rules({ total: 1 }, new Map([['c', banned]]))).turns;
    const both = [...held, ...Array.from({ length: 50 }, () => file('busy'))];
    const { start } = choose(both, [], turns, rules({ total: 40 }));
    expect(count(start, 'busy')).toBeGreaterThan(10);
  });
});

it('a choice among 5,000 that wait for a full link takes milliseconds', () => {
  const waiting = Array.from({ length: 5000 }, (_, n) => file(`user${n % 28}`));
  const running = [file('x')];
  const began = performance.now();
  for (let n = 0; n < 20; n += 1) choose(waiting, running, NO_TURNS, rules({ perLink: 1 }));
  expect((performance.now() - began) / 20).toBeLessThan(50);
});
