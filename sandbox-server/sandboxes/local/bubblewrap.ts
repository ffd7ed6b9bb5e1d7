/** The command line of one sandbox; pure. What it promises is tested from inside in `walls.test.ts`. */
import { HOST_ETC, UID_INSIDE, etcFiles } from './etc.ts';

/** Where things stand inside. */
export const INSIDE = {
  kit: '/opt/kit',
  runtime: '/opt/palestra',
  run: '/run/palestra',
  config: '/run/palestra/config.json',
  services: '/run/palestra/services',
  /** the agent writes access tokens here: memory, never a disk */
  tokens: '/run/palestra/tokens',
} as const;

export interface Walls {
  readonly bwrap: string;
  /** host folder with node, the agent and its `etc/` */
  readonly runtime: string;
  readonly kit: string;
  /** host folder that becomes /home; a home is renamed into it later */
  readonly home: string;
  /** the agent's configuration, a file of the host */
  readonly config: string;
  /** host folder into which sockets of services are put, now or later */
  readonly services: string;
  /** what an interpreter outside /usr needs, at the same path inside */
  readonly alsoVisible: readonly string[];
  /** how the host's top folders are made: link target, or null for a real folder */
  readonly topFolders: Readonly<Record<string, string | null>>;
  /** bytes a tmpfs may take */
  readonly tmpfsBytes: number;
  readonly command: readonly string[];
}

/** @returns argv, bubblewrap first */
export function bubblewrap(walls: Walls): readonly string[] {
  return [
    walls.bwrap,
    ...namespaces(),
    ...system(walls),
    ...etc(walls),
    ...own(walls),
    ...environment(),
    '--',
    ...walls.command,
  ];
}

/**
 * No `--die-with-parent`: a sandbox outlives the server. No `--new-session`: it breaks Ctrl-C, and each shell
 * gets a fresh pty anyway. `--as-pid-1`: the agent survives `kill -9 -1` only as PID 1 (finding 12).
 */
function namespaces(): readonly string[] {
  const unshared = ['user', 'pid', 'net', 'ipc', 'uts', 'cgroup'].map((space) => `--unshare-${space}`);
  const uid = String(UID_INSIDE);
  return [
    ...unshared,
    '--disable-userns',
    '--uid',
    uid,
    '--gid',
    uid,
    '--hostname',
    'lab',
    '--as-pid-1',
    '--cap-drop',
    'ALL',
  ];
}

function system(walls: Walls): readonly string[] {
  const top = Object.entries(walls.topFolders).flatMap(([name, link]) =>
    link === null ? ['--ro-bind', `/${name}`, `/${name}`] : ['--symlink', link, `/${name}`],
  );
  const tmpfs = (path: string, mode: string) => [
    '--perms',
    mode,
    '--size',
    String(walls.tmpfsBytes),
    '--tmpfs',
    path,
  ];
  return [
    ...['--ro-bind', '/usr', '/usr', ...top],
    // sysctls of the host: a sandbox of root's could write to them (finding 2)
    ...['--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys'],
    ...['--dev', '/dev', ...tmpfs('/dev/shm', '1777')],
    ...tmpfs('/tmp', '1777'),
    ...tmpfs('/var/tmp', '1777'),
    ...tmpfs('/run', '0755'),
  ];
}

function etc(walls: Walls): readonly string[] {
  const ours = Object.keys(etcFiles()).flatMap((name) => [
    '--ro-bind',
    `${walls.runtime}/etc/${name}`,
    `/etc/${name}`,
  ]);
  const hosts = HOST_ETC.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]);
  return [...ours, ...hosts];
}

function own(walls: Walls): readonly string[] {
  const also = walls.alsoVisible.flatMap((path) => ['--ro-bind', path, path]);
  return [
    ...['--ro-bind', walls.kit, INSIDE.kit, '--ro-bind', walls.runtime, INSIDE.runtime, ...also],
    ...['--bind', walls.home, '/home'],
    ...[
      '--perms',
      '0700',
      '--dir',
      INSIDE.run,
      '--perms',
      '0700',
      '--dir',
      INSIDE.tokens,
      '--ro-bind',
      walls.config,
      INSIDE.config,
      '--ro-bind',
      walls.services,
      INSIDE.services,
    ],
    // bubblewrap's own tmpfs belong to the learner, and have no bound
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/'],
  ];
}

function environment(): readonly string[] {
  const variables = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: '/home/learner',
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
  };
  return ['--clearenv', ...Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value])];
}
