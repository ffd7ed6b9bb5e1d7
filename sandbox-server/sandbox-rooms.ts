/**
 * What labs and proofs stand on: services, kits, the driver that the settings ask for, the homes it needs, and the links
 * to agents. With main.ts the only file that names a driver.
 */
import { join } from 'node:path';
import type { Config } from './contract/config.ts';
import type { KubernetesSettings } from './contract/driver.ts';
import { createHomeKeeper, openHomes } from './homes/index.ts';
import type { LabAccess } from './namespaces/face.ts';
import type { AgentTrust, Driver, Sandbox } from './sandboxes/driver.ts';
import type { KeptHomes, SandboxLinkTo } from './sandboxes/kept-homes.ts';
import type { Kits } from './sandboxes/kits.ts';
import { createLinks, openTicketKeys } from './sandboxes/link/index.ts';
import { createLocalDriver } from './sandboxes/local/driver.ts';
import { createLocalKits } from './sandboxes/local/kits/kits.ts';
import {
  createServices,
  findServices,
  overviewOf,
  withSettings,
  type Overview,
  type ServiceDefinition,
} from './services/index.ts';
import type { Store } from './store/index.ts';
import { createLog, type Log } from './telemetry/index.ts';

export interface SandboxPlace {
  /** the checkout: courses, kits and the built site */
  readonly root: string;
  /** where everything is kept, `.palestra` */
  readonly state: string;
  readonly config: Config;
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
  { root, state, config }: SandboxPlace,
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
export const savesHomes = ({ driver, homes }: Config): boolean =>
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
  const [{ createClusterKits, createKubernetesDriver }, { hosts }] = await Promise.all([
    import('./sandboxes/kubernetes/index.ts'),
    overviewing,
  ]);
  const { kubeconfig, context, namespace, hours } = settings;
  const kits = await createClusterKits({
    settings,
    limits: config.limits,
    hosts,
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

/** For a look at what runs, with a server or without. */
export async function listSandboxes(options: SandboxPlace): Promise<readonly Sandbox[]> {
  await using opened = new AsyncDisposableStack();
  const { driver } = await openSandboxRooms(options, createLog({ level: 'warn' }), opened);
  return driver.list();
}
