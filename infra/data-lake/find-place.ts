/** Where a lake lives on this machine, and the folders that every part expects. */
import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { closedFolderAbove, shortHash, trustedFolder } from '../../sandbox-server/sandboxes/local/place.ts';
import { ownFile } from './part.ts';
import { BASE_PORT, hostsLine, lakePlace, type LakePlace } from './place.ts';

export interface FindOptions {
  /** the state folder, `.palestra` */
  readonly state: string;
  /** base port; one other than the usual is another lake beside it */
  readonly port?: number;
  /** default: this process runs as root */
  readonly asRoot?: boolean;
  /** folder whose environments are used and kept: another lake's, say; default: of this state folder */
  readonly shared?: string;
  /** default: one machine */
  readonly inPod?: boolean;
}

/**
 * The same answer each time; makes nothing. Servers run as users of their own, so a state folder that other users
 * cannot reach will not do.
 */
export async function findLake(options: FindOptions): Promise<LakePlace> {
  const state = resolve(options.state);
  const port = options.port ?? BASE_PORT;
  const asRoot = options.asRoot ?? process.getuid?.() === 0;
  await mkdir(state, { recursive: true }).catch((error: unknown) => {
    throw notOurs(state, error);
  });
  const closed = asRoot ? await closedFolderAbove(state) : null;
  const base = closed === null ? state : join('/var/lib/palestra', shortHash(state));
  return lakePlace({
    root: join(base, port === BASE_PORT ? 'lake' : `lake-${port}`),
    shared: options.shared ?? join(base, 'lake'),
    port,
    idp: join(state, 'idp'),
    asRoot,
    temporary: tmpdir(),
    inPod: options.inPod ?? false,
    ...(closed === null
      ? {}
      : { elsewhere: `${closed} is closed to other users, and servers run as users of their own` }),
  });
}

/**
 * The lake that the environment asks for: `PALESTRA_STATE`, `PALESTRA_LAKE_PORT`, `PALESTRA_LAKE_SHARED`, the lake
 * folder whose Python environments are used, and `PALESTRA_LAKE_IN_POD`, which the chart sets to yes. @throws Problem `bad-request` for a port that is none */
export function lakeOfEnvironment(env: NodeJS.ProcessEnv, repository: string): Promise<LakePlace> {
  const state = env['PALESTRA_STATE'] ?? join(repository, '.palestra');
  const port = Number(env['PALESTRA_LAKE_PORT'] ?? BASE_PORT);
  const shared = env['PALESTRA_LAKE_SHARED'];
  // the last of its ports is base + 23
  if (Number.isInteger(port) && port >= 1024 && port <= 65_500)
    return findLake({
      ...{ state, port, inPod: env['PALESTRA_LAKE_IN_POD'] === 'yes' },
      ...(shared === undefined ? {} : { shared }),
    });
  throw new Problem('bad-request', `PALESTRA_LAKE_PORT is ${env['PALESTRA_LAKE_PORT']}, which is no port.`);
}

/** Held by whoever changes the lake. */
export function lockOf(place: LakePlace): string {
  return join(place.folders.run, 'lock');
}

/**
 * Makes the folders and /etc/hosts of the lake. Who is inside a folder belongs to its part.
 * @throws Problem `forbidden` where somebody else made this lake
 */
export async function layOut(place: LakePlace): Promise<void> {
  await openFolder(place.root).catch((error: unknown) => {
    throw notOurs(dirname(place.root), error);
  });
  // servers of one user over files of another would fail one by one, in their own words
  for (const folder of [place.root, place.idp]) await demandOurs(place, folder);
  // in a pod environments are the image's
  const own = Object.values(place.folders).filter((one) => !place.inPod || one.startsWith(`${place.root}/`));
  for (const folder of own) await openFolder(folder);
  await trustedFolder(place.sockets);
  await ownFile(
    place.hostsFile,
    hostsText(await readFile('/etc/hosts', 'utf8'), hostsLine(place)),
    null,
    0o644,
  );
}

/**
 * The machine's own lines (XRootD wants to find its host's name) and then ours. Lines of another lake that stand there
 * already are left out: the first line for a name wins. Pure.
 */
export function hostsText(system: string, line: string): string {
  const ours = new Set(line.split(/\s+/).slice(1));
  const names = (one: string) => (one.split('#')[0] ?? '').trim().split(/\s+/).slice(1);
  const kept = system.split('\n').filter((one) => !names(one).some((name) => ours.has(name)));
  return `${kept.join('\n').trim()}\n${line}\n`;
}

async function openFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o711 });
  // our umask may be strict, and servers pass through as other users; what is lent by another lake is that one's
  if (await isOurs(folder)) await chmod(folder, 0o711);
}

/** @throws Problem `forbidden` where neither we nor, once we are root, the issuer made it */
async function demandOurs({ users }: LakePlace, folder: string): Promise<void> {
  const owner = await stat(folder).then(
    ({ uid }) => uid,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    },
  );
  if (owner === null || owner === process.getuid?.() || String(owner) === users.issuer) return;
  throw notOurs(folder);
}

async function isOurs(folder: string): Promise<boolean> {
  return (await stat(folder)).uid === process.getuid?.();
}

/** @returns the sentence for a folder of another user; any other failure as it is */
function notOurs(folder: string, error?: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (error !== undefined && code !== 'EACCES' && code !== 'EPERM') return error;
  return new Problem('forbidden', `${folder} is another user's, and so would be the lake in it.`, {
    cause: error,
    details: { todo: 'Be that user, or give the lake a state folder of your own: PALESTRA_STATE=FOLDER' },
  });
}
