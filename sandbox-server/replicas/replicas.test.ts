import { describe, expect, it } from 'vitest';
import { Problem } from '../contract/errors.ts';
import { startPostgres } from '../store/testing/postgres.ts';
import { onPostgres } from '../store/testing/store.ts';
import { silentLog } from '../telemetry/index.ts';
import { alone } from './alone.ts';
import { joinReplicas } from './join.ts';
import { servers, until } from './testing/servers.ts';

describe('one server alone', () => {
  it('leads, and answers itself', async () => {
    const one = alone();
    const told: string[] = [];
    await one.start({
      begin: () => Promise.resolve(void told.push('begin')),
      cease: () => Promise.resolve(),
    });
    one.answer('double', (n) => Promise.resolve(2 * (n as { n: number }).n));
    expect(one.leads).toBe(true);
    expect(told).toEqual(['begin']);
    expect(await one.ask('double', { n: 2 })).toBe(4);
  });
});

describe.runIf(onPostgres)('servers on one database', { timeout: 60_000 }, () => {
  it('F22 have one leader; the next has a higher term, at once where the last one ends properly', async () => {
    await using group = await servers(3);
    const [a, b, c] = group.all;
    if (a === undefined || b === undefined || c === undefined) throw new Error('three were asked for');
    expect(group.leader()).toBe(a);
    expect(a.told).toEqual(['begin 1']);
    const began = performance.now();
    await a.close();
    const next = await until(() => group.leader());
    expect(next.told).toEqual(['begin 2']);
    // long before the lease would have ended
    expect(performance.now() - began).toBeLessThan(4000);
  });

  it('one that has not begun to take part never leads: it could not act', async () => {
    await using group = await servers(1);
    const [a] = group.all;
    if (a === undefined) throw new Error('one was asked for');
    const idle = await joinReplicas(a.store, silentLog());
    const b = await group.add();
    await a.replicas.close();
    await until(() => {
      expect(b.replicas.leads).toBe(true);
    }, 4000);
    expect(idle.leads).toBe(false);
    await idle.close();
  });

  it('F22 a leader that is stopped for longer than its lease leads no longer when it wakes', async () => {
    await using group = await servers(2);
    const [a, b] = group.all;
    if (a === undefined || b === undefined) throw new Error('two were asked for');
    // as if it had slept: its lease has ended, and the first to look takes it
    await a.store.db.updateTable('leases').set({ until: 0 }).execute();
    await until(() => {
      expect([...b.told, ...a.told.slice(1)].filter((told) => told.startsWith('begin'))).not.toEqual([]);
    });
    if (b.told.length > 0)
      await until(() => {
        expect(a.told).toEqual(['begin 1', 'cease']);
      });
    await until(() => group.leader());
    expect([a.replicas.leads, b.replicas.leads].filter(Boolean)).toHaveLength(1);
  });

  it('tell each other in order, long words too, and not themselves', async () => {
    await using group = await servers(2);
    const [a, b] = group.all;
    const heard: unknown[] = [];
    const own: unknown[] = [];
    b?.replicas.hear('news', (body) => heard.push((body as { n: number }).n));
    a?.replicas.hear('news', (body) => own.push(body));
    for (let n = 0; n < 60; n += 1)
      a?.replicas.tell('news', { n, text: n % 3 === 0 ? 'è'.repeat(20_000) : 'short' });
    await until(() => {
      expect(heard).toEqual(Array.from({ length: 60 }, (_, n) => n));
    });
    expect(own).toEqual([]);
  });

  it('ask whoever leads; its refusal comes as the Problem it was', async () => {
    await using group = await servers(2);
    const [a, b] = group.all;
    for (const [name, server] of [['a', a] as const, ['b', b] as const])
      server?.replicas.answer('who', (body) => {
        if ((body as { polite: boolean }).polite) return Promise.resolve({ name, long: 'x'.repeat(30_000) });
        return Promise.reject(new Problem('limit', 'Not so fast.', { details: { retryAfter: 2 } }));
      });
    expect(await b?.replicas.ask('who', { polite: true })).toMatchObject({ name: 'a' });
    expect(await a?.replicas.ask('who', { polite: true })).toMatchObject({ name: 'a' });
    await expect(b?.replicas.ask('who', { polite: false })).rejects.toMatchObject({
      code: 'limit',
      message: 'Not so fast.',
      details: { retryAfter: 2 },
    });
  });

  it('F12 a question whose leader ends before it answered goes to the next, or says that it is not known', async () => {
    await using group = await servers(2);
    const [a, b] = group.all;
    if (a === undefined || b === undefined) throw new Error('two were asked for');
    let asked = 0;
    const never = new Promise(() => undefined);
    a.replicas.answer('do', () => {
      asked += 1;
      return never;
    });
    b.replicas.answer('do', () => Promise.resolve('done by the next'));
    const twice = b.replicas.ask('do', {}, true);
    const once = b.replicas.ask('do', {});
    const refused = expect(once).rejects.toMatchObject({ code: 'unavailable' });
    await until(() => {
      expect(asked).toBe(2);
    });
    await a.close();
    expect(await twice).toBe('done by the next');
    await refused;
  });

  // a lease ends, and is taken again: on a busy machine that takes its time
  it('go on after the database was away, and hear that there was a gap', { timeout: 90_000 }, async () => {
    const server = await startPostgres();
    {
      await using group = await servers(2, server.url);
      const [a, b] = group.all;
      if (a === undefined || b === undefined) throw new Error('two were asked for');
      for (const { replicas } of [a, b]) replicas.answer('who', () => Promise.resolve('it'));
      let gaps = 0;
      b.replicas.onGap(() => (gaps += 1));
      await server.stop('SIGINT');
      await server.start();
      await until(() => {
        expect(gaps).toBeGreaterThan(0);
      });
      await until(() => group.leader(), 40_000);
      expect(await b.replicas.ask('who', {})).toBe('it');
      const heard: unknown[] = [];
      b.replicas.hear('news', (body) => heard.push(body));
      a.replicas.tell('news', { n: 1 });
      await until(() => {
        expect(heard).toEqual([{ n: 1 }]);
      });
    }
    await server.close();
  });
});
