/**
 * The box from within: what the node sees instead of the machine's own. It runs in namespaces of its own (mounts,
 * network, processes), so all of this ends with them, and programs that insist on places such as /var/lib/cni or on
 * kernel settings change nothing outside.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from '../../machine/run.ts';
import type { ClusterPlace } from '../place.ts';

/** Folders in the box's own /run, empty at each start as after a machine's. */
export const BOX = {
  containerdState: '/run/palestra/containerd',
  /** CNI configuration: appears when policies hold, and no pod has a network before */
  network: '/run/palestra/net.d',
  addresses: '/run/palestra/addresses',
} as const;

/** where these lie below, they are shown through again */
const COVERED = ['/run', '/var/run', '/var/lib', '/var/log'];

/**
 * What kubelet wants of the kernel. It would set them for the whole machine; it finds them as it likes them here, and
 * sets nothing. Each file of /proc/sys is covered by one with these words.
 */
const KUBELET_WANTS: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

export async function furnish(place: ClusterPlace): Promise<void> {
  await mount('--make-rshared', '/');
  await coverFolders(shownThrough(place));
  await coverKernelSettings();
  for (const folder of Object.values(BOX)) await mkdir(folder, { recursive: true });
  await bindText('/etc/hosts', hostsText(place));
}

/** Folders of ours that lie below a covered one, and would be hidden. */
export function shownThrough({ root, cache }: Pick<ClusterPlace, 'root' | 'cache'>): readonly string[] {
  const ours = [root, cache, import.meta.dirname, process.execPath];
  return ours.filter((path) => COVERED.some((covered) => path.startsWith(`${covered}/`)));
}

async function coverFolders(shown: readonly string[]): Promise<void> {
  if (shown.length > 0) throw new Error(`${shown.join(', ')} would be hidden in the box`);
  await mount('-t', 'tmpfs', '-o', 'mode=755', 'run', '/run');
  await mkdir('/run/palestra/upper', { recursive: true });
  await mkdir('/run/palestra/work', { recursive: true });
  const layers = 'lowerdir=/var/lib,upperdir=/run/palestra/upper,workdir=/run/palestra/work';
  await mount('-t', 'overlay', '-o', layers, 'var-lib', '/var/lib');
  await mount('-t', 'tmpfs', '-o', 'mode=755', 'var-log', '/var/log');
}

async function coverKernelSettings(): Promise<void> {
  await mkdir('/run/palestra/sys', { recursive: true });
  for (const [name, value] of Object.entries(KUBELET_WANTS)) {
    const file = join('/run/palestra/sys', name.replaceAll('/', '.'));
    await writeFile(file, `${value}\n`);
    await mount('--bind', file, join('/proc/sys', name));
  }
}

function hostsText(place: ClusterPlace): string {
  return [`127.0.0.1 localhost`, `${place.addresses.host} host.palestra.test`, ''].join('\n');
}

async function bindText(path: string, text: string): Promise<void> {
  const file = join('/run/palestra', path.replaceAll('/', '-').slice(1));
  await writeFile(file, text);
  await mount('--bind', file, path);
}

/** Waits for the end of the cable that `up` puts in, and gives it its address. @throws Error after 20 s */
export async function connect(place: ClusterPlace): Promise<void> {
  await run(['ip', 'link', 'set', 'lo', 'up']);
  const deadline = Date.now() + 20_000;
  while (!(await hasLink())) {
    if (Date.now() > deadline) throw new Error('no interface eth0 came into the box');
    await delay(20);
  }
  await run(['ip', 'address', 'replace', `${place.addresses.node}/24`, 'dev', 'eth0']);
  await run(['ip', 'link', 'set', 'eth0', 'up']);
  await run(['ip', 'route', 'replace', 'default', 'via', place.addresses.host]);
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
  // with 0 a policy between two pods of one bridge is passed by (trap 7)
  await writeFile('/proc/sys/net/bridge/bridge-nf-call-iptables', '1');
}

async function hasLink(): Promise<boolean> {
  return (await run(['ip', '-br', 'link'])).split('\n').some((line) => line.startsWith('eth0'));
}

function mount(...words: readonly string[]): Promise<string> {
  return run(['mount', ...words]);
}
