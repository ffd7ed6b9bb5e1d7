/**
 * What this machine's clients are configured for (indexes, proxies, certificates), lent to a build as one secret: read
 * inside, never part of a layer, of a name or of an image's settings.
 */
import { readFile, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { outcome } from '../../sandbox-server/sandboxes/local/probe/command.ts';
import { sourcesOf, toDeb822, type AptSource } from './apt-sources.ts';
import type { Clients } from './inside/clients.ts';

const CERTIFICATES = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'PIP_CERT'];
const SYSTEM_CERTIFICATES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];
const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'];
/** uv's own settings that name an index or how to reach one; paths of this machine would mean nothing inside */
const UV =
  /^UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|INSECURE_HOST|HTTP_TIMEOUT|NATIVE_TLS|INDEX_STRATEGY|INDEX_\w+_(USERNAME|PASSWORD))$/;

type Env = Readonly<Record<string, string | undefined>>;

export interface System {
  /** `debian` or `ubuntu` */
  readonly id: string;
  /** e.g. `bookworm` */
  readonly codename: string;
}

/** @param apt this machine's sources as well: only for an image of the same system */
export async function readClients(options: { apt: System | null; env?: Env }): Promise<Clients> {
  const env = options.env ?? process.env;
  const lent = Object.entries(env).filter(
    ([name, value]) => value !== undefined && (UV.test(name) || PROXIES.includes(name.toLowerCase())),
  );
  const files = new Map<string, Buffer>();
  const named: Record<string, string> = {};
  const add = async (name: string, variable: string, ...paths: (string | undefined)[]) => {
    const content = await firstOf(paths);
    if (content === null) return;
    files.set(name, content);
    named[variable] = `{clients}/${name}`;
  };
  await add(
    'certificates.pem',
    'SSL_CERT_FILE',
    ...CERTIFICATES.map((name) => env[name]),
    ...SYSTEM_CERTIFICATES,
  );
  const settings = env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
  await add(
    'uv.toml',
    'UV_CONFIG_FILE',
    env['UV_CONFIG_FILE'],
    join(settings, 'uv/uv.toml'),
    '/etc/uv/uv.toml',
  );
  await add('netrc', 'NETRC', env['NETRC'], join(homedir(), '.netrc'));
  if (options.apt !== null) await addApt(files, await aptSources(options.apt.codename));
  files.set('apt.conf', Buffer.from(aptSettings(await acquire(), options.apt !== null)));
  return {
    env: { ...Object.fromEntries(lent), ...named, APT_CONFIG: '{clients}/apt.conf' },
    files: Object.fromEntries([...files].map(([name, content]) => [name, content.toString('base64')])),
  };
}

/** @throws Error where this machine has no source of its own system */
export async function aptSources(codename: string, apt = '/etc/apt'): Promise<readonly AptSource[]> {
  const parts = await readdir(join(apt, 'sources.list.d')).catch(none([]));
  const paths = [
    join(apt, 'sources.list'),
    ...parts
      .filter((name) => /\.(list|sources)$/.test(name))
      .map((name) => join(apt, 'sources.list.d', name)),
  ];
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(none(''))));
  const sources = texts.flatMap((text) => sourcesOf(text, codename));
  if (sources.length === 0)
    throw new Error(
      `apt of this machine has no source of ${codename}: name a base image instead, with --base`,
    );
  return sources;
}

/** This machine's own system. @throws Error where it is none that packages can be taken from */
export async function thisSystem(release = '/etc/os-release'): Promise<System> {
  const text = await readFile(release, 'utf8').catch(none(''));
  const field = (name: string) => new RegExp(`^${name}="?([a-z0-9.-]+)"?$`, 'm').exec(text)?.[1];
  const [id, codename] = [field('ID'), field('VERSION_CODENAME')];
  if (id === undefined || codename === undefined || !['debian', 'ubuntu'].includes(id))
    throw new Error(
      'the base image is made from packages of Debian or Ubuntu: name another with --base IMAGE',
    );
  return { id, codename };
}

/** How apt of this machine fetches (proxy, retries, dates), as lines of a settings file. */
export async function acquire(): Promise<readonly string[]> {
  const asked = await outcome(['apt-config', 'dump', 'Acquire']);
  if (!asked.ok) return [];
  return asked.stdout.split('\n').filter((line) => /^Acquire::\S+ ".+";$/.test(line));
}

/** Keys travel with the sources: their paths are this machine's. */
async function addApt(files: Map<string, Buffer>, sources: readonly AptSource[]): Promise<void> {
  const lent: AptSource[] = [];
  for (const source of sources) {
    const keyring = source.signedBy?.startsWith('/') === true ? source.signedBy : null;
    if (keyring === null) lent.push(source);
    else {
      const name = `keyring-${lent.length}.${keyring.endsWith('.asc') ? 'asc' : 'gpg'}`;
      files.set(name, await readFile(keyring));
      lent.push({ ...source, signedBy: `{clients}/${name}` });
    }
  }
  files.set('system.sources', Buffer.from(toDeb822(lent)));
}

/** Lists and packages stay beside the settings, which are removed when the step is over. */
function aptSettings(lines: readonly string[], ownSources: boolean): string {
  return [
    ...lines,
    'Acquire::https::CaInfo "{clients}/certificates.pem";',
    'Dir::State::lists "{clients}/lists/";',
    'Dir::Cache "{clients}/cache/";',
    ...(ownSources ? ['Dir::Etc::sourcelist "{clients}/system.sources";', 'Dir::Etc::sourceparts "-";'] : []),
    // the user that apt drops to could not read what only root may
    'APT::Sandbox::User "root";',
    '',
  ].join('\n');
}

async function firstOf(paths: readonly (string | undefined)[]): Promise<Buffer | null> {
  for (const path of paths) {
    const content = path === undefined ? null : await readFile(path).catch(none(null));
    if (content !== null) return content;
  }
  return null;
}

/** For a file or folder that need not be there. */
function none<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return instead;
  };
}
