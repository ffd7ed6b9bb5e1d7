/** LISTEN and NOTIFY on a connection of its own, which is made again whenever it was lost. Made with the first listener. */
import { setTimeout as wait } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import pg from 'pg';
import type { Notices } from '../open.ts';
import type { Schema } from '../schema.ts';
import type { Address } from './address.ts';
import { clientOptions } from './pool.ts';
import { told } from './words.ts';

const CHANNEL = 'palestra';
const PAUSE_MS = 250;
/** ms between questions whether the connection still lives: one that a firewall forgot says nothing by itself */
const ALIVE_MS = 15_000;

interface Listener {
  readonly hear: (text: string) => void;
  readonly onGap: () => void;
}

/** @param db sends them, patient as for any other statement */
export function noticesOn(address: Address, db: Kysely<Schema>): Notices & { close(): Promise<void> } {
  const listeners = new Set<Listener>();
  let client: pg.Client | null = null;
  let listening: Promise<void> | null = null;
  let closed = false;

  const connect = async (): Promise<void> => {
    const made = new pg.Client(clientOptions(address));
    made.on('notification', ({ payload = '' }) => {
      for (const { hear } of [...listeners]) hear(payload);
    });
    // whatever it was, `end` follows
    made.on('error', () => undefined);
    await made.connect();
    await made.query(`listen ${CHANNEL}`);
    client = made;
    const alive = setInterval(
      () => void made.query('select 1').catch(() => made.end().catch(() => undefined)),
      ALIVE_MS,
    ).unref();
    made.once('end', () => {
      clearInterval(alive);
      client = null;
      if (!closed) void again();
    });
  };
  const again = async (): Promise<void> => {
    while (!closed && client === null) {
      await wait(PAUSE_MS, undefined, { ref: false });
      await connect().catch(() => undefined); // the next try follows
    }
    if (!closed) for (const { onGap } of [...listeners]) onGap();
  };

  return {
    async listen(hear, onGap) {
      const listener = { hear, onGap };
      listeners.add(listener);
      listening ??= connect();
      await listening.catch((error: unknown) => {
        listening = null;
        throw told(error);
      });
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async send(text) {
      await sql`select pg_notify(${CHANNEL}, ${text})`.execute(db);
    },
    async close() {
      closed = true;
      await client?.end();
    },
  };
}
