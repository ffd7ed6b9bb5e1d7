/**
 * How a program of the lake sees the machine: in a mount namespace of its own, where /etc/hosts names the lake and the
 * system's certificates hold its authority. It ends with the program: nothing is left mounted.
 */
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { outcome } from '../../sandbox-server/sandboxes/local/probe/command.ts';
import type { LakePlace, User } from './place.ts';

/** What every program of the lake is told: where certificates are, and nothing of our own environment's secrets. */
export function lakeEnvironment(place: LakePlace): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
    HOME: place.folders.run,
    SSL_CERT_FILE: place.authority.bundle,
    REQUESTS_CA_BUNDLE: place.authority.bundle,
    CURL_CA_BUNDLE: place.authority.bundle,
    NODE_EXTRA_CA_CERTS: place.authority.ca,
    X509_CERT_DIR: place.authority.folder,
  };
}

/** $1 certificates, $2 hosts, the rest: the command. */
const INSIDE =
  'mount --bind "$1" /etc/ssl/certs/ca-certificates.crt && mount --bind "$2" /etc/hosts && shift 2 && exec "$@"';

/** Who is not root is allowed mounts in a user namespace of their own, and gives that right up before the program. */
const OWN_NAMESPACE = ['--user', '--map-current-user', '--keep-caps'];
const NO_RIGHTS = ['--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all'];

/**
 * The words that run a program as a lake's program: names, certificates, user. Every word but the last execs, so the
 * pid that is spawned is the server's.
 */
export function commandOf(
  place: LakePlace,
  server: { readonly argv: readonly string[]; readonly user: User },
): readonly string[] {
  // its names and certificates are mounted already
  if (place.inPod) return server.argv;
  const inside = ['sh', '-c', INSIDE, 'sh', place.authority.bundle, place.hostsFile];
  const unshare = [
    'unshare',
    ...(ordinary(place) ? OWN_NAMESPACE : []),
    '--mount',
    '--propagation',
    'private',
  ];
  const as = ordinary(place) ? ['setpriv', ...NO_RIGHTS, '--no-new-privs'] : asUser(server.user);
  return [...unshare, ...inside, ...as, ...server.argv];
}

/** Of somebody who is not root: all of it runs as they do. */
export function ordinary(place: LakePlace): boolean {
  return place.users.rucio === null;
}

function asUser(user: User): readonly string[] {
  if (user === null) return [];
  return ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs'];
}

/** @throws Problem `unavailable` where who is not root may make no namespaces on this machine */
export async function demandNamespaces(): Promise<void> {
  const trial = 'mount --bind /etc/hosts /etc/hosts';
  const { ok, complaint } = await outcome(['unshare', ...OWN_NAMESPACE, '--mount', 'sh', '-c', trial]);
  if (ok) return;
  throw new Problem(
    'unavailable',
    `The data lake of who is not root needs user namespaces, and gets none: ${complaint}`,
    { details: { todo: NAMESPACES_TODO } },
  );
}

const NAMESPACES_TODO =
  'Start it as root, or allow them: sudo sysctl user.max_user_namespaces=65536 (Ubuntu 24.04: ' +
  'kernel.apparmor_restrict_unprivileged_userns=0; in a container: --security-opt seccomp=unconfined)';
