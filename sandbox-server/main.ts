/** Wires the rooms and their callbacks into a server. */
import { join } from 'node:path';
import { openLiveCatalogue, type LiveCatalogue } from './catalogue/live.ts';
import { openLiveGuides, type LiveGuides } from './catalogue/live-guides.ts';
import { loadGuides } from './catalogue/guides.ts';
import { loadCatalogue } from './catalogue/load.ts';
import { withGuides } from './catalogue/with-guides.ts';
import type { LiveLessons } from './authoring/index.ts';
import { openLearning } from './checks/index.ts';
import type { Checks } from './checks/face.ts';
import type { Config } from './contract/config.ts';
import { Problem } from './contract/errors.ts';
import { closeCodeOf, createEdge, type Edge } from './edge/index.ts';
import { createIdentity, createProvider, secretKeyAt, type DevelopmentProvider } from './identity/index.ts';
import { createLakeView, type FindLake } from './lake/index.ts';
import { createPreviews, createRelay, createTickets } from './relay/index.ts';
import { agreeOn, joinReplicas } from './replicas/index.ts';
import { openSandboxRooms, savesHomes, type SandboxPlace } from './sandbox-rooms.ts';
import type { Driver } from './sandboxes/driver.ts';
import type { Kits } from './sandboxes/kits.ts';
import type { Services } from './services/face.ts';
import type { Overview } from './services/index.ts';
import { collectStartUpGarbage } from './start-up-garbage.ts';
import { openStore, storePlace } from './store/index.ts';
import { createLog, type Log } from './telemetry/index.ts';

export interface PalestraOptions extends SandboxPlace {
  readonly log?: Log;
  /** `npm run dev`: saved lessons are taken at once, and their authors see them; absent: courses are read once */
  readonly authoring?: AuthoringOptions;
}
export interface AuthoringOptions {
  /** makes the site's pages from everything as it is now. Rejects with a Problem where that fails */
  readonly build: () => Promise<unknown>;
  /** a line for the author's terminal */
  readonly say: (line: string) => void;
}
export interface Palestra {
  readonly url: string;
  readonly kits: Kits;
  readonly services: Services;
  /** ends sockets and the server; running labs go on and are found again */
  close(): Promise<void>;
}

/** Opens everything in the order it is needed, and closes it in the other. */
export async function openPalestra(options: PalestraOptions): Promise<Palestra> {
  const { root, state, config } = options;
  const log = options.log ?? createLog({ pretty: process.stderr.isTTY });
  await using opened = new AsyncDisposableStack();
  const url = config.url ?? `http://localhost:${config.port}`;
  const store = opened.adopt(await openStore(storePlace(config, state)), (s) => s.close());
  const replicas = opened.adopt(await joinReplicas(store, log), (r) => r.close());
  const secretKey = await secretKeyAt(join(state, 'keys', 'secret'));
  await agreeOn(store, 'secret key', secretKey);
  const rooms = await openSandboxRooms(options, log, opened, store);
  const { kits, driver, cluster, linkTo, services } = rooms;
  const courses = join(root, 'courses');
  const live = options.authoring && (await openLiveCatalogue(courses, { services: rooms.known }));
  const read = live ?? (await loadCatalogue(courses, { services: rooms.known }));
  const liveGuides = options.authoring && (await openLiveGuides(root));
  const guides = liveGuides ?? { course: await loadGuides(root) };
  const catalogue = withGuides(read, () => guides.course);

  const provider =
    config.oidc === undefined
      ? opened.adopt(await developmentProvider(url, state, rooms.overview, log), (p) => p.close())
      : undefined;
  const identity = opened.adopt(
    createIdentity({
      store,
      ...relyingOn(config, provider),
      groups: config.groups,
      url,
      secretKey,
      log,
      replicas,
    }),
    (i) => i.close(),
  );
  const { labs, checks } = openLearning({
    store,
    catalogue,
    identity,
    driver,
    cluster,
    linkTo,
    kits,
    services,
    log,
    config: { keepDays: config.keepDays, secret: secretKey, savedHomes: savesHomes(config) },
    replicas,
  });
  opened.adopt(checks, (c) => c.close());
  opened.adopt(labs, (l) => l.close());
  const authoring =
    options.authoring &&
    live &&
    liveGuides &&
    (await openAuthoring(root, options.authoring, { catalogue: live, guides: liveGuides, checks }, opened));

  const tickets = createTickets({ store });
  const relay = opened.adopt(createRelay({ labs, tickets, log, closeCode: closeCodeOf }), (r) => r.close());
  const previews = opened.adopt(createPreviews({ store, labs, log }), (p) => p.close());
  const lake = opened.adopt(
    createLakeView({ identity, labs, findLake: () => findLake(services), log }),
    (l) => l.close(),
  );
  const siteFolder = join(root, 'dist');
  const edge = opened.adopt(
    await createEdge({
      config,
      identity,
      labs,
      checks,
      catalogue,
      kits,
      relay,
      previews,
      tickets,
      lake,
      driver,
      siteFolder,
      log,
      ...(provider === undefined ? {} : { idp: provider }),
      ...(authoring === undefined ? {} : { authoring }),
    }),
    (e: Edge) => e.close(),
  );
  await replicas.start({ begin: () => labs.adopt(), cease: () => labs.cease() });
  await edge.listen();
  services.look();
  keepWarm(config, kits, driver, log);
  opened.use(collectStartUpGarbage());
  const owned = opened.move();
  return { url, kits, services, close: () => owned.disposeAsync() };
}

/** Loaded only where it is asked for: no learner's server renders lessons. */
async function openAuthoring(
  root: string,
  { build, say }: AuthoringOptions,
  { catalogue, guides, checks }: { catalogue: LiveCatalogue; guides: LiveGuides; checks: Checks },
  opened: AsyncDisposableStack,
): Promise<LiveLessons> {
  const { createLiveLessons, openPageMaker, watchSaves } = await import('./authoring/index.ts');
  const maker = opened.use(openPageMaker(root));
  const renew: Checks['renew'] = (course, lesson, steps) => checks.renew(course, lesson, steps);
  const live = createLiveLessons({ catalogue, guides, maker, renew, build, say });
  opened.use(
    watchSaves(root, async ({ courses, guides: guide, site, at }) => {
      if (courses.size > 0) await live.saved(courses, at);
      if (guide) await live.guidesSaved(at);
      if (site) live.siteSaved();
    }),
  );
  return live;
}

export function developmentProvider(
  url: string,
  state: string,
  { issuer }: Overview,
  log: Log,
): Promise<DevelopmentProvider> {
  const second = issuer === null ? {} : { second: issuer };
  return createProvider({ issuer: `${url}/idp`, portal: url, folder: join(state, 'idp'), log, ...second });
}

/** The service that the *Data* tab reads, and its servers' names there. */
const LAKE = { service: 'data-lake', rucio: 'rucio', transfers: 'fts' } as const;

const findLake = async (services: Services): ReturnType<FindLake> => {
  const state = services.get(LAKE.service);
  if (state === undefined) return null;
  if (state.state === 'starting') throw new Problem('unavailable', `${state.title}: ${state.text}.`);
  const [rucio, transfers] = await Promise.all([
    services.endpoint(LAKE.service, LAKE.rucio),
    services.endpoint(LAKE.service, LAKE.transfers),
  ]);
  return { ca: rucio.ca, rucio, transfers };
};

function relyingOn(config: Config, provider: DevelopmentProvider | undefined) {
  if (provider !== undefined) return { oidc: provider.oidc, clientSecret: provider.clientSecret };
  if (config.oidc === undefined) throw new TypeError('neither a provider of our own nor one in the settings');
  return { oidc: config.oidc };
}

/** A kit that courses use is prepared in the background; its warm sandboxes follow once it is ready. */
function keepWarm(config: Config, kits: Kits, driver: Driver, log: Log): void {
  for (const [kit, n] of Object.entries(config.warm)) {
    kits.ready(kit).then(
      () => driver.keepWarm(kit, n),
      (error: unknown) => log.warn({ err: error, kit }, 'a kit could not be prepared'),
    );
  }
}
