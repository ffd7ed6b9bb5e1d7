/** Where a lake lives on this machine, and the folders that every part expects. */
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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
}

/**
 * The same answer each time; makes nothing. Servers run as users of their own, so a state folder that other users
 * cannot reach will not do.
 */
export async function findLake(options: FindOptions): Promise<LakePlace> {
  const state = resolve(options.state);
  const port = options.port ?? BASE_PORT;
  const asRoot = options.asRoot ?? process.getuid?.() === 0;
  await mkdir(state, { recursive: true });
  const closed = asRoot ? await closedFolderAbove(state) : null;
  const base = closed === null ? state : join('/var/lib/palestra', shortHash(state));
  return lakePlace({
    root: join(base, port === BASE_PORT ? 'lake' : `lake-${port}`),
    shared: options.shared ?? join(base, 'lake'),
    port,
    idp: join(state, 'idp'),
    asRoot,
    temporary: tmpdir(),
    ...(closed === null
      ? {}
      : { elsewhere: `${closed} is closed to other users, and servers run as users of their own` }),
  });
}

/**
 * The lake that the environment asks for: `PALESTRA_STATE`, `PALESTRA_LAKE_PORT`, and `PALESTRA_LAKE_SHARED`, the lake
 * folder whose Python environments are used. @throws Problem `bad-request` for a port that is none */
export function lakeOfEnvironment(env: NodeJS.ProcessEnv, repository: string): Promise<LakePlace> {
  const state = env['PALESTRA_STATE'] ?? join(repository, '.palestra');
  const port = Number(env['PALESTRA_LAKE_PORT'] ?? BASE_PORT);
  const shared = env['PALESTRA_LAKE_SHARED'];
  // the last of its ports is base + 23
  if (Number.isInteger(port) && port >= 1024 && port <= 65_500)
    return findLake({ state, port, ...(shared === undefined ? {} : { shared }) });
  throw new Problem('bad-request', `PALESTRA_LAKE_PORT is ${env['PALESTRA_LAKE_PORT']}, which is no port.`);
}

/** Held by whoever changes the lake. */
export function lockOf(place: LakePlace): string {
  return join(place.folders.run, 'lock');
}

/** Makes the folders and /etc/hosts of the lake. Who is inside a folder belongs to its part. */
export async function layOut(place: LakePlace): Promise<void> {
  for (const folder of [place.root, ...Object.values(place.folders)]) {
    await mkdir(folder, { recursive: true, mode: 0o711 });
    // our umask may be strict, and servers pass through as other users
    await chmod(folder, 0o711);
  }
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
