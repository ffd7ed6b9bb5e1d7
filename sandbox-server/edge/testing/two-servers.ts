/** Two whole servers, from the socket to the rooms, on one database and one driver with real agents. */
import type { WebSocket as Socket } from 'ws';
import { WebSocket } from 'ws';
import { once } from 'node:events';
import { openLearning } from '../../checks/index.ts';
import { Config } from '../../contract/config.ts';
import type { Course } from '../../contract/lesson.ts';
import { TERMINAL_PROTOCOL } from '../../contract/terminal.ts';
import { catalogueOf } from '../../labs/testing/courses.ts';
import { deskServices } from '../../labs/testing/ground.ts';
import { createPreviews, createRelay, createTickets } from '../../relay/index.ts';
import { joinReplicas } from '../../replicas/index.ts';
import type { Replicas } from '../../replicas/face.ts';
import type { Driver } from '../../sandboxes/driver.ts';
import { createLinks } from '../../sandboxes/link/index.ts';
import { temporaryTicketKeys } from '../../sandboxes/link/keys.ts';
import { createMemoryDriver } from '../../sandboxes/memory/driver.ts';
import { openStore, type Store } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/store.ts';
import { silentLog } from '../../telemetry/index.ts';
import { closeCodeOf, createEdge } from '../index.ts';
import { askAt, noKits, noLake, remember, type Answer, type Ask } from './edge-ground.ts';
import { people, signedInAs, type Name } from './two-learners.ts';

export interface WholeServer {
  readonly url: URL;
  readonly replicas: Replicas;
  ask(path: string, how?: Ask): Promise<Answer>;
  /** a terminal's socket, open; its ticket is issued at `at`, another server perhaps */
  terminal(as: Name, lab: string, at?: WholeServer, ticket?: string): Promise<Socket>;
  ticket(as: Name, lab: string): Promise<string>;
  /** as SIGTERM does it */
  stop(): Promise<void>;
}
export interface Pair extends AsyncDisposable {
  readonly a: WholeServer;
  readonly b: WholeServer;
  readonly driver: Driver;
}

export async function twoServers(names: readonly Name[], courses: readonly Course[]): Promise<Pair> {
  const database = await testDatabase();
  const keys = temporaryTicketKeys();
  const driver = await createMemoryDriver({ trust: { keys: [...keys.publicKeys()] } });
  const first = await openStore(database.url);
  for (const name of names) await remember(first, name);
  const shared = { names, courses, driver, linkTo: createLinks({ sign: keys.sign }) };
  const a = await wholeServer(first, shared);
  const b = await wholeServer(await openStore(database.url), shared);
  return {
    a,
    b,
    driver,
    async [Symbol.asyncDispose]() {
      await a.stop();
      await b.stop();
      await driver.close();
      await database.drop();
    },
  };
}

interface Shared {
  readonly names: readonly Name[];
  readonly courses: readonly Course[];
  readonly driver: Driver;
  readonly linkTo: ReturnType<typeof createLinks>;
}

async function wholeServer(store: Store, { names, courses, driver, linkTo }: Shared): Promise<WholeServer> {
  const log = silentLog();
  const replicas = await joinReplicas(store, log);
  const catalogue = catalogueOf(courses);
  const kits = noKits();
  const mine = names.map((name) => signedInAs(name));
  const identity = {
    ...people(names),
    known: (session: string) => Promise.resolve(mine.find((who) => who.session === session) ?? null),
    person: (id: string) => Promise.resolve(mine.find(({ person }) => person.id === id)?.person ?? null),
  };
  const { labs, checks } = openLearning({
    store,
    replicas,
    catalogue,
    identity,
    driver,
    linkTo,
    kits,
    services: deskServices(),
    log,
    config: { keepDays: 1, secret: 'of the tests' },
  });
  const tickets = createTickets({ store });
  const relay = createRelay({ labs, tickets, log, closeCode: closeCodeOf });
  const previews = createPreviews({ store, labs, log });
  const edge = await createEdge({
    config: Config.parse({ port: 0 }),
    identity,
    labs,
    checks,
    catalogue,
    kits,
    relay,
    previews,
    tickets,
    driver,
    lake: noLake(),
    siteFolder: '/nowhere',
    log,
  });
  await replicas.start({ begin: () => labs.adopt(), cease: () => labs.cease() });
  const url = new URL(await edge.listen());
  let stopping: Promise<void> | undefined;
  // in the order of main.ts
  const stop = async (): Promise<void> => {
    await edge.close();
    await labs.close();
    await checks.close();
    await replicas.close();
    await store.close();
  };
  const it: WholeServer = {
    url,
    replicas,
    ask: (path, how) => askAt(url, path, how),
    async ticket(as, lab) {
      const { json } = await it.ask(`/api/labs/${lab}/tickets`, {
        as,
        method: 'POST',
        body: { terminal: '1' },
      });
      return (json as { ticket: string }).ticket;
    },
    async terminal(as, lab, at = it, ticket) {
      const protocols = [TERMINAL_PROTOCOL, `ticket.${ticket ?? (await at.ticket(as, lab))}`];
      const headers = { host: url.host, origin: url.origin, cookie: `__Host-palestra=${as}` };
      const socket = new WebSocket(`ws://127.0.0.1:${url.port}/api/labs/${lab}/terminals/1`, protocols, {
        headers,
      });
      // what was refused is an error with the answer's status
      await once(socket, 'open');
      socket.on('error', () => undefined);
      return socket;
    },
    stop: () => (stopping ??= stop()),
  };
  return it;
}
