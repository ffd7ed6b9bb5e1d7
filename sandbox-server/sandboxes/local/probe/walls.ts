/** Whether bubblewrap works here: by starting it the very way a sandbox is started. */
import { readFile } from 'node:fs/promises';
import type { Probe } from '../../driver.ts';
import { asUser } from '../launch.ts';
import { topFolders } from '../top-folders.ts';
import { atLeast, outcome, versionIn } from './command.ts';

/** any unprivileged uid will do for a trial as root */
const TRIAL_UID = 1_899_999_999;
const INSTALL = 'Install it: sudo apt-get install bubblewrap';

export const APPARMOR_REMEDY = [
  'Ubuntu 24.04 keeps programs from making user namespaces unless AppArmor knows them. Give bubblewrap a profile:',
  "printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile bwrap /usr/bin/bwrap flags=(unconfined) {\\n  userns,\\n}\\n'",
  '| sudo tee /etc/apparmor.d/bwrap && sudo apparmor_parser -r /etc/apparmor.d/bwrap',
].join(' ');

/** bubblewrap present and new enough; walls really stand; what keeps user namespaces from being made. */
export async function probeWalls(asRoot = process.getuid?.() === 0): Promise<readonly Probe[]> {
  const bubblewrap = await probeBubblewrap();
  const probes = asRoot ? [await probeSetpriv(), bubblewrap] : [bubblewrap];
  if (!bubblewrap.ok) return probes;
  return [...probes, await probeSandbox(asRoot)];
}

async function probeBubblewrap(): Promise<Probe> {
  const { ok, stdout, complaint } = await outcome(['bwrap', '--version']);
  const fresh = ok && atLeast(versionIn(stdout), 0, 8);
  const todo = ok ? 'Version 0.8 or newer is needed (Debian 12, Ubuntu 24.04 or newer have it).' : INSTALL;
  return {
    name: 'bubblewrap',
    ok: fresh,
    need: 'needed',
    found: ok ? stdout.trim() : complaint,
    todo: fresh ? '' : todo,
  };
}

async function probeSetpriv(): Promise<Probe> {
  const { ok, stdout, complaint } = await outcome(['setpriv', '--version']);
  const found = ok ? stdout.trim() : complaint;
  return {
    name: 'setpriv',
    ok,
    need: 'needed',
    found,
    todo: ok ? '' : 'Install it: apt-get install util-linux',
  };
}

/** A sandbox of one command, as the driver starts them. */
export async function trialCommand(asRoot: boolean, command: readonly string[]): Promise<readonly string[]> {
  const top = Object.entries(await topFolders()).flatMap(([name, link]) =>
    link === null ? ['--ro-bind', `/${name}`, `/${name}`] : ['--symlink', link, `/${name}`],
  );
  const spaces = ['user', 'pid', 'net', 'ipc', 'uts', 'cgroup'].map((space) => `--unshare-${space}`);
  return [
    ...asUser(asRoot ? TRIAL_UID : null),
    ...[
      'bwrap',
      ...spaces,
      '--disable-userns',
      '--as-pid-1',
      '--cap-drop',
      'ALL',
      '--ro-bind',
      '/usr',
      '/usr',
      ...top,
    ],
    ...[
      '--proc',
      '/proc',
      '--ro-bind',
      '/proc/sys',
      '/proc/sys',
      '--dev',
      '/dev',
      '--tmpfs',
      '/tmp',
      '--',
      ...command,
    ],
  ];
}

async function probeSandbox(asRoot: boolean): Promise<Probe> {
  const { ok, complaint } = await outcome(await trialCommand(asRoot, ['/usr/bin/true']));
  const found = ok ? 'a sandbox with namespaces of its own and no capabilities starts' : complaint;
  return {
    name: 'a sandbox starts',
    ok,
    need: 'needed',
    found,
    todo: ok ? '' : remedyFor(await kernelSettings()),
  };
}

export interface KernelSettings {
  /** kernel.apparmor_restrict_unprivileged_userns */
  readonly apparmor: string | null;
  /** kernel.unprivileged_userns_clone (Debian's own) */
  readonly clone: string | null;
  /** user.max_user_namespaces */
  readonly max: string | null;
}

/** What to do, from what the kernel says; pure. */
export function remedyFor(settings: KernelSettings): string {
  if (settings.max === '0')
    return 'User namespaces are switched off: sudo sysctl user.max_user_namespaces=65536';
  if (settings.clone === '0')
    return 'User namespaces are for root only: sudo sysctl kernel.unprivileged_userns_clone=1';
  if (settings.apparmor === '1') return APPARMOR_REMEDY;
  return 'Inside a container, start it so that user namespaces may be made (e.g. --security-opt seccomp=unconfined --security-opt systempaths=unconfined).';
}

async function kernelSettings(): Promise<KernelSettings> {
  return {
    apparmor: await setting('kernel/apparmor_restrict_unprivileged_userns'),
    clone: await setting('kernel/unprivileged_userns_clone'),
    max: await setting('user/max_user_namespaces'),
  };
}

async function setting(path: string): Promise<string | null> {
  try {
    return (await readFile(`/proc/sys/${path}`, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // this kernel has no such setting
    throw error;
  }
}
