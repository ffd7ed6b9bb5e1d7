/** Servers side by side on one database, one driver below them. */
import type { Course } from '../../contract/lesson.ts';
import type { LearnerEvent } from '../../contract/events.ts';
import type { SignedIn } from '../../identity/face.ts';
import type { Labs } from '../../labs/face.ts';
import { deskServices, ground, type Ground } from '../../labs/testing/ground.ts';
import type { Replicas } from '../../replicas/face.ts';
import { joinReplicas } from '../../replicas/index.ts';
import { openStore } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/store.ts';
import { silentLog } from '../../telemetry/index.ts';
import type { Checks } from '../face.ts';
import { openLearning } from '../learning.ts';

export interface RoomsOfOne {
  readonly labs: Labs;
  readonly checks: Checks;
  readonly replicas: Replicas;
  /** labs whose sockets had to close, and why */
  readonly closed: string[];
  /** everything a page at this server is told */
  hears(who: SignedIn): Promise<LearnerEvent[]>;
  /** as SIGTERM does it */
  stop(): Promise<void>;
}
export interface SideBySide extends AsyncDisposable {
  readonly ground: Ground;
  readonly all: RoomsOfOne[];
  add(): Promise<RoomsOfOne>;
}

export async function sideBySide(courses: readonly Course[], count = 2): Promise<SideBySide> {
  const database = await testDatabase();
  const own = await openStore(database.url);
  const ownReplicas = await joinReplicas(own, silentLog());
  // the ground itself is no server: it has the driver, the people and the store that tests look into
  const g = await ground(courses, {}, { store: own, replicas: ownReplicas });
  const all: RoomsOfOne[] = [];
  const it: SideBySide = {
    ground: g,
    all,
    async add() {
      const server = await oneServer(g, database.url);
      all.push(server);
      return server;
    },
    async [Symbol.asyncDispose]() {
      for (const server of all) await server.stop();
      await ownReplicas.close();
      await g.close();
      await database.drop();
    },
  };
  for (let n = 0; n < count; n += 1) await it.add();
  return it;
}

async function oneServer(g: Ground, url: string): Promise<RoomsOfOne> {
  const store = await openStore(url);
  const replicas = await joinReplicas(store, silentLog());
  const { labs, checks } = openLearning({ ...g.options, services: deskServices(), store, replicas });
  const closed: string[] = [];
  labs.onClosed((lab, why) => closed.push(`${lab} ${why}`));
  await replicas.start({ begin: () => labs.adopt(), cease: () => labs.cease() });
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await labs.close();
    await checks.close();
    await replicas.close();
    await store.close();
  };
  return {
    labs,
    checks,
    replicas,
    closed,
    async hears(who) {
      const events: LearnerEvent[] = [];
      await labs.subscribe(who.person.id, (event) => events.push(event));
      return events;
    },
    stop: () => (stopping ??= stop()),
  };
}
