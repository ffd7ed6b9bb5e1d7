/** Everything the local driver wants of a machine, in the order a person would mend it. */
import { access, constants, statfs } from 'node:fs/promises';
import type { Probe } from '../../driver.ts';
import type { Bounds } from '../bounds/bounds.ts';
import { findBounds } from '../bounds/find.ts';
import { boundsName, closedFolderAbove, findPlace, type Place } from '../place.ts';
import { findPython } from '../kits/python.ts';
import { atLeast, versionIn } from './command.ts';
import { probeWalls } from './walls.ts';

const GIB = 1024 ** 3;
/** two kits, some homes, and air */
const DISK_WANTED = 5 * GIB;
const DISK_NEEDED = GIB;

/** For `palestra doctor`: without a driver, which would refuse to start just where a doctor is needed. */
export async function probeLocal(state: string): Promise<readonly Probe[]> {
  const place = await findPlace({ state });
  const bounds = await findBounds({ name: boundsName(place) });
  try {
    return await probeMachine({ place, bounds });
  } finally {
    await bounds.close();
  }
}

export async function probeMachine(at: { place: Place; bounds: Bounds }): Promise<readonly Probe[]> {
  return [
    probeNode(process.version),
    ...(await probeWalls()),
    probeBounds(at.bounds),
    await probeTini(),
    await probePython(),
    await probeDisk(at.place.root),
    await probePlace(at.place),
  ];
}

export function probeNode(version: string): Probe {
  const ok = atLeast(versionIn(version), 22, 19);
  return {
    name: 'node',
    ok,
    need: 'needed',
    found: version,
    todo: ok ? '' : 'Node 22.19 or newer is needed; `npm start` installs one into node_modules.',
  };
}

export function probeBounds(bounds: Bounds): Probe {
  const ok = bounds.kind !== 'none';
  const found = ok
    ? `${bounds.found}: memory, processes and CPU are bounded by the kernel`
    : `none (${bounds.found})`;
  const todo = ok
    ? ''
    : 'Memory and processes are only watched (advisory). Start Palestra as root, or from a session whose cgroups are delegated: systemd-run --user --scope -p Delegate=yes npm start';
  return { name: 'bounds', ok, need: 'wanted', found, todo };
}

async function probeTini(): Promise<Probe> {
  const ok = await access('/usr/bin/tini', constants.X_OK).then(
    () => true,
    () => false, // whatever the reason, it cannot be started
  );
  return {
    name: 'tini',
    ok,
    need: 'wanted',
    found: ok ? '/usr/bin/tini' : 'not there',
    todo: ok
      ? ''
      : 'Without it, programs that a learner leaves behind stay as zombies: sudo apt-get install tini',
  };
}

async function probePython(): Promise<Probe> {
  const python = await findPython();
  const ok = python !== null;
  return {
    name: 'python',
    ok,
    need: 'needed',
    found: ok ? `${python.path} (${python.version})` : 'none of 3.11 or newer',
    todo: ok
      ? ''
      : 'Kits need Python 3.11 or newer where every user can read it: sudo apt-get install python3 python3-venv',
  };
}

async function probeDisk(folder: string): Promise<Probe> {
  const { bavail, bsize } = await statfs(folder);
  return diskProbe(bavail * bsize, folder);
}

/** @param free bytes */
export function diskProbe(free: number, folder: string): Probe {
  const found = `${(free / GIB).toFixed(1)} GiB free at ${folder}`;
  if (free >= DISK_WANTED) return { name: 'disk', ok: true, need: 'wanted', found, todo: '' };
  const need = free < DISK_NEEDED ? 'needed' : 'wanted';
  return {
    name: 'disk',
    ok: false,
    need,
    found,
    todo: 'Kits and homes want 5 GiB. Make room, or set PALESTRA_STATE to another disk.',
  };
}

async function probePlace(place: Place): Promise<Probe> {
  const closed = process.getuid?.() === 0 ? await closedFolderAbove(place.root) : null;
  const found = place.elsewhere === undefined ? place.root : `${place.root}, since ${place.elsewhere}`;
  return {
    name: 'state folder',
    ok: closed === null,
    need: 'needed',
    found,
    todo: closed === null ? '' : `${closed} must be passable for sandboxes' users: chmod o+x ${closed}`,
  };
}
