import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../store/index.ts';
import { onPostgres, testDatabase, testStore } from '../store/testing/store.ts';
import type { Store } from '../store/index.ts';
import { TICKET_MS, createTickets } from './tickets.ts';
import type { Tickets } from './tickets.ts';

const SCOPE = { session: 's1', lab: 'l1', terminal: '1' };
const BAD = { code: 'not-signed-in' };
let now = 1_000_000;
let store: Store;
let tickets: Tickets;

beforeEach(async () => {
  store = await testStore();
  tickets = createTickets({ store, clock: () => now });
});
afterEach(() => store.close());

describe('a ticket', () => {
  it('is 256 random bits of which the store knows the hash alone', async () => {
    const { ticket, expiresAt } = await tickets.issue(SCOPE, 'write');
    expect(ticket).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(expiresAt).toBe(now + 30_000);
    expect(JSON.stringify(await store.db.selectFrom('tickets').selectAll().execute())).not.toContain(ticket);
  });

  it('T3 is good once', async () => {
    const { ticket } = await tickets.issue(SCOPE, 'read');
    expect(await tickets.redeem(ticket, SCOPE)).toBe('read');
    await expect(tickets.redeem(ticket, SCOPE)).rejects.toMatchObject(BAD);
  });

  it('T3 is good once, also when tried fifty times at the same moment', async () => {
    const { ticket } = await tickets.issue(SCOPE, 'write');
    const tries = await Promise.allSettled(Array.from({ length: 50 }, () => tickets.redeem(ticket, SCOPE)));
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  });

  it('T3 ends after 30 seconds', async () => {
    const { ticket } = await tickets.issue(SCOPE, 'write');
    now += TICKET_MS;
    await expect(tickets.redeem(ticket, SCOPE)).rejects.toMatchObject(BAD);
  });

  it.each([{ session: 's2' }, { lab: 'l2' }, { terminal: '2' }])(
    'T3 is refused, and spent, for another %o',
    async (other) => {
      const { ticket } = await tickets.issue(SCOPE, 'write');
      await expect(tickets.redeem(ticket, { ...SCOPE, ...other })).rejects.toMatchObject(BAD);
      await expect(tickets.redeem(ticket, SCOPE)).rejects.toMatchObject(BAD);
    },
  );

  it.each([undefined, '', 'x'.repeat(43)])('T3 is refused when it is %s', async (ticket) => {
    await expect(tickets.redeem(ticket, SCOPE)).rejects.toMatchObject(BAD);
  });

  it('leaves no row behind when it was never used', async () => {
    for (let i = 0; i < 20; i++) await tickets.issue(SCOPE, 'write');
    now += 2 * 60_000;
    await tickets.issue(SCOPE, 'write');
    expect(await store.db.selectFrom('tickets').selectAll().execute()).toHaveLength(1);
  });
});

describe.runIf(onPostgres)('a ticket at two servers', () => {
  it('T3 is good once: fifty tries at both at the same moment open one socket', async () => {
    const database = await testDatabase();
    const stores = [await openStore(database.url), await openStore(database.url)];
    const both = stores.map((one) => createTickets({ store: one, clock: () => now }));
    for (let round = 0; round < 5; round += 1) {
      const issued = await both[round % 2]?.issue(SCOPE, 'write');
      const tries = await Promise.allSettled(
        Array.from({ length: 50 }, async (_, n) => both[n % 2]?.redeem(issued?.ticket, SCOPE)),
      );
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    }
    for (const one of stores) await one.close();
    await database.drop();
  });
});
