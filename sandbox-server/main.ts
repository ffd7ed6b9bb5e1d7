/** Wires the rooms and their callbacks. The only file that names a driver. */
import { join } from 'node:path';
import { openLiveCatalogue, type LiveCatalogue } from './catalogue/live.ts';
import { loadGuides } from './catalogue/guides.ts';
import { loadCatalogue } from './catalogue/load.ts';
import { withGuides } from './catalogue/with-guides.ts';
import type { LiveLessons } from './authoring/index.ts';
import { openLearning } from './checks/index.ts';
import type { Checks } from './checks/face.ts';
import type { Config } from './contract/config.ts';
import type { KubernetesSettings } from './contract/driver.ts';
import { Problem } from './contract/errors.ts';
import { closeCodeOf, createEdge, type Edge } from './edge/index.ts';
import { createIdentity, createProvider, secretKeyAt, type DevelopmentProvider } from './identity/index.ts';
import { createHomeKeeper, openHomes } from './homes/index.ts';
import { createLakeView, type FindLake } from './lake/index.ts';
import type { LabAccess } from './namespaces/face.ts';
import { createPreviews, createRelay, createTickets } from './relay/index.ts';
import { agreeOn, joinReplicas } from './replicas/index.ts';
import type { AgentTrust, Driver, Sandbox } from './sandboxes/driver.ts';
import type { KeptHomes, SandboxLinkTo } from './sandboxes/kept-homes.ts';
import type { Kits } from './sandboxes/kits.ts';
import { createLinks, openTicketKeys } from './sandboxes/link/index.ts';
import { createLocalDriver } from './sandboxes/local/driver.ts';
import { createLocalKits } from './sandboxes/local/kits/kits.ts';
import type { Services } from './services/face.ts';
import {
  createServices,
  findServices,
  overviewOf,
  withSettings,
  type Overview,
  type ServiceDefinition,
} from './services/index.ts';
import { openStore, storePlace, type Store } from './store/index.ts';
import { createLog, type Log } from './telemetry/index.ts';

export interface PalestraOptions {
  /** the checkout: courses, kits and the built site */
  readonly root: string;
  /** where everything is kept, `.palestra` */
  readonly state: string;
  readonly config: Config;
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
  const catalogue = withGuides(read, await loadGuides(root));

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
    options.authoring && live && (await openAuthoring(root, options.authoring, live, checks, opened));

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
  const owned = opened.move();
  return { url, kits, services, close: () => owned.disposeAsync() };
}

/** Loaded only where it is asked for: no learner's server renders lessons. */
async function openAuthoring(
  root: string,
  { build, say }: AuthoringOptions,
  catalogue: LiveCatalogue,
  checks: Checks,
  opened: AsyncDisposableStack,
): Promise<LiveLessons> {
  const { createLiveLessons, openPageMaker, watchSaves } = await import('./authoring/index.ts');
  const maker = opened.use(openPageMaker(root));
  const renew: Checks['renew'] = (course, lesson, steps) => checks.renew(course, lesson, steps);
  const live = createLiveLessons({ catalogue, maker, renew, build, say });
  opened.use(
    watchSaves(root, async ({ courses, site, at }) => {
      if (courses.size > 0) await live.saved(courses, at);
      if (site) live.siteSaved();
    }),
  );
  return live;
}

/** For a look at what runs, with a server or without. */
export async function listSandboxes(options: PalestraOptions): Promise<readonly Sandbox[]> {
  await using opened = new AsyncDisposableStack();
  const { driver } = await openSandboxRooms(options, createLog({ level: 'warn' }), opened);
  return driver.list();
}

interface SandboxRooms {
  readonly kits: Kits;
  readonly driver: Driver;
  /** learners' namespaces; undefined: there are none */
  readonly cluster: LabAccess | undefined;
  readonly linkTo: SandboxLinkTo;
  readonly services: ReturnType<typeof createServices>;
  /** every service that courses may name, switched off or not */
  readonly known: readonly Pick<ServiceDefinition['file'], 'name' | 'verbs'>[];
  readonly overview: Overview;
}
export async function openSandboxRooms(
  { root, state, config }: PalestraOptions,
  log: Log,
  opened: AsyncDisposableStack,
  store?: Store,
): Promise<SandboxRooms> {
  const found = await findServices(root);
  const definitions = withSettings(found, config.services, root);
  const services = opened.adopt(createServices({ definitions, state, log }), (s) => s.close());
  const keys = openTicketKeys(join(state, 'keys'));
  const linkTo = createLinks({ sign: keys.sign });
  const trust = { keys: [...keys.publicKeys()] };
  // a service is asked where it is by a process of its own, which takes its time
  const overviewing = overviewOf(services, log);
  const kept =
    store === undefined || !savesHomes(config)
      ? undefined
      : opened.adopt(
          await openHomes({ settings: config.homes, state, store, keepDays: config.keepDays, log }),
          (h) => h.close(),
        );
  const parts = { root, state, config, trust, linkTo, log, overviewing, homes: kept?.homes };
  const { kits, driver, cluster } =
    config.driver.kind === 'kubernetes'
      ? await openCluster(config.driver, parts, opened)
      : await openLocal(parts, opened);
  const overview = await overviewing;
  await driver.adopt();
  if (kept !== undefined) {
    const { homes, everyMs } = kept;
    opened.adopt(createHomeKeeper({ homes, list: () => driver.list(), linkTo, everyMs, log }), (k) =>
      k.close(),
    );
  }
  const known = [...found, ...definitions].map(({ file }) => file);
  return { kits, driver, cluster, linkTo, services, known, overview };
}

/** Where sandboxes have no disk that outlives them. */
const savesHomes = ({ driver, homes }: Config): boolean =>
  driver.kind === 'kubernetes' && homes?.volume === undefined;

interface DriverParts {
  readonly root: string;
  readonly state: string;
  readonly config: Config;
  readonly trust: AgentTrust;
  readonly linkTo: SandboxLinkTo;
  readonly log: Log;
  readonly overviewing: Promise<Overview>;
  readonly homes: KeptHomes | undefined;
}
type Opened = Pick<SandboxRooms, 'kits' | 'driver' | 'cluster'>;

async function openLocal(parts: DriverParts, opened: AsyncDisposableStack): Promise<Opened> {
  const { root, state, config, trust, log, overviewing } = parts;
  // several state folders of one machine (tests, a second checkout) may share the kits of one: they are read only
  const preparing = createLocalKits({
    root: join(root, 'infra/kits'),
    state: process.env['PALESTRA_KITS'] ?? state,
    log,
  });
  const [kits, overview] = await Promise.all([preparing, overviewing]);
  opened.adopt(kits, (k) => k.close());
  const driver = opened.adopt(
    await createLocalDriver({
      state,
      kits,
      limits: config.limits,
      trust,
      log,
      unsandboxed: config.unsandboxed,
      hosts: overview.hosts,
    }),
    (d) => d.close(),
  );
  return { kits, driver, cluster: undefined };
}

/** Loaded only where it is asked for: its client is 89 MB that one machine does not need. */
async function openCluster(
  settings: KubernetesSettings,
  parts: DriverParts,
  opened: AsyncDisposableStack,
): Promise<Opened> {
  const { root, state, config, trust, log, homes, linkTo, overviewing } = parts;
  const { createClusterKits, createKubernetesDriver } = await import('./sandboxes/kubernetes/index.ts');
  const { kubeconfig, context, namespace, hours } = settings;
  const kits = await createClusterKits({
    settings,
    limits: config.limits,
    hosts: (await overviewing).hosts,
    root: join(root, 'infra/kits'),
    state,
  });
  const driver = opened.adopt(
    await createKubernetesDriver({
      access: { kubeconfig, context },
      namespace,
      settingsOf: (kit) => kits.settingsOf(kit),
      trust,
      lifetime: hours * 3600,
      linkTo,
      homes,
      volume: config.homes?.volume,
      log,
    }),
    (d) => d.close(),
  );
  const cluster = config.namespaces.enabled ? await openNamespaces(settings, config, log, opened) : undefined;
  return { kits, driver, cluster };
}

/** By the same way to the cluster as sandboxes go, for labs in the namespace where they are. */
async function openNamespaces(
  { kubeconfig, context, namespace }: KubernetesSettings,
  { groups, namespaces: own }: Config,
  log: Log,
  opened: AsyncDisposableStack,
): Promise<LabAccess> {
  const { readKubeConfig } = await import('./sandboxes/kubernetes/api/access.ts');
  const { connectCluster, createLabAccess, createNamespaces } = await import('./namespaces/index.ts');
  const kubeConfig = await readKubeConfig({ kubeconfig, context });
  const cluster = opened.adopt(await connectCluster({ kubeConfig }), (c) => c.close());
  const settings = { ...own, sandboxes: namespace };
  const namespaces = createNamespaces({ cluster, config: settings, log });
  const access = createLabAccess({ namespaces, config: { groups, namespaces: settings }, log });
  return opened.adopt(access, (a) => a.close());
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
