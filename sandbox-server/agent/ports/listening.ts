/** Which ports programs of the learner listen on, from /proc/net/tcp and tcp6, with the program's name where it can be read. */
import { readFile, readdir, readlink } from 'node:fs/promises';
import { errnoOf } from '../refusal.ts';

const LISTEN = '0A';
const MOST = 64;

export interface ListeningPort {
  readonly port: number;
  readonly command: string;
}
interface Found {
  readonly port: number;
  readonly inode: string;
}

/** Listening sockets on loopback or every address, 1024 and above, one an open port: pure. */
export function parseListening(table: string): Found[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const [address = '', hex = ''] = local.split(':');
      const port = Number.parseInt(hex, 16);
      return state === LISTEN && port >= 1024 && isReachable(address) ? [{ port, inode }] : [];
    });
}

/** 127.0.0.0/8, 0.0.0.0, ::1, :: and ::ffff:127.x, as the kernel writes them: little-endian words. */
function isReachable(address: string): boolean {
  if (address.length === 8) return address.endsWith('7F') || address === '00000000';
  return (
    address === '0'.repeat(32) ||
    address === `${'0'.repeat(24)}01000000` ||
    (address.startsWith('0000000000000000FFFF0000') && address.endsWith('7F'))
  );
}

export interface PortsWatch {
  /** tell the ports as they are, though nothing changed: somebody new listens */
  repeat(): void;
  close(): void;
}

/** Told when the set of ports changed; looks every `every` ms until closed. */
export function watchPorts(every: number, told: (ports: ListeningPort[]) => void): PortsWatch {
  let before = '';
  let closed = false;
  const look = async (): Promise<void> => {
    const found = await listening();
    const key = found.map(({ port, inode }) => `${port}:${inode}`).join();
    if (key === before || closed) return;
    before = key;
    const names = await commandsOf(new Set(found.map(({ inode }) => inode)));
    if (!closed)
      told(found.slice(0, MOST).map(({ port, inode }) => ({ port, command: names.get(inode) ?? '' })));
  };
  let busy: Promise<void> | null = null;
  const tick = (): void => {
    busy ??= look()
      .catch((error: unknown) => void process.stderr.write(`ports: ${String(error)}\n`))
      .finally(() => (busy = null));
  };
  tick();
  const timer = setInterval(tick, every);
  return {
    repeat() {
      before = '';
      tick();
    },
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}

async function listening(): Promise<Found[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readOrEmpty(path)));
  const all = tables.flatMap(parseListening).sort((a, b) => a.port - b.port);
  return all.filter(({ port }, i) => all[i - 1]?.port !== port);
}

/** Socket inode → command line of the process that holds it. */
async function commandsOf(inodes: ReadonlySet<string>): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    for (const inode of await socketsOf(pid))
      if (inodes.has(inode) && !names.has(inode)) names.set(inode, await commandOf(pid));
    if (names.size === inodes.size) break;
  }
  return names;
}

async function socketsOf(pid: string): Promise<string[]> {
  const fds = await readdir(`/proc/${pid}/fd`).catch(unlessGone<string[]>([]));
  const links = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(unlessGone(''))));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

async function commandOf(pid: string | number): Promise<string> {
  const line = await readOrEmpty(`/proc/${pid}/cmdline`);
  return line
    .replaceAll('\0', ' ')
    .replace(/\p{Cc}/gu, '?')
    .trim()
    .slice(0, 300);
}

async function readOrEmpty(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(unlessGone(''));
}

/** Processes come and go while we look, and others' are not ours to read. */
function unlessGone<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error))) return instead;
    throw error;
  };
}
