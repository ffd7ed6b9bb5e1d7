/** Several servers on one database, as far as they speak to each other; only on PostgreSQL. */
import { openStore, type Store } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/store.ts';
import { silentLog } from '../../telemetry/index.ts';
import type { Replicas } from '../face.ts';
import { joinReplicas } from '../join.ts';

export interface Server {
  readonly store: Store;
  readonly replicas: Replicas;
  /** what its role was told, in order */
  readonly told: string[];
  close(): Promise<void>;
}
export interface Servers extends AsyncDisposable {
  readonly url: string;
  readonly all: Server[];
  add(): Promise<Server>;
  leader(): Server;
}

export async function servers(count: number, server?: string): Promise<Servers> {
  const database = await testDatabase(server);
  const all: Server[] = [];
  const it: Servers = {
    url: database.url,
    all,
    async add() {
      const store = await openStore(database.url);
      const replicas = await joinReplicas(store, silentLog());
      const told: string[] = [];
      const added: Server = {
        store,
        replicas,
        told,
        async close() {
          await replicas.close();
          await store.close();
          all.splice(all.indexOf(added), 1);
        },
      };
      await replicas.start({
        begin: () => Promise.resolve(void told.push(`begin ${String(replicas.term)}`)),
        cease: () => Promise.resolve(void told.push('cease')),
      });
      all.push(added);
      return added;
    },
    leader() {
      const leading = all.filter(({ replicas }) => replicas.leads);
      if (leading.length !== 1 || leading[0] === undefined)
        throw new Error(`${String(leading.length)} servers lead`);
      return leading[0];
    },
    async [Symbol.asyncDispose]() {
      for (const each of [...all]) await each.close();
      await database.drop();
    },
  };
  for (let n = 0; n < count; n += 1) await it.add();
  return it;
}

/** Looks again and again. @throws whatever `look` threw last, after `ms` */
export async function until<T>(look: () => T | Promise<T>, ms = 15_000): Promise<T> {
  for (const deadline = Date.now() + ms; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
