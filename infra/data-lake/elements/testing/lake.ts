/** Real elements in a folder of the test's own: authority, issuer, three XRootD behind their gates. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAuthority } from '../../authority/authority.ts';
import { layOut } from '../../find-place.ts';
import { installPackages, missingPackages } from '../../../machine/packages.ts';
import type { Part } from '../../part.ts';
import { lakePlace, type ElementName, type ElementPlace, type LakePlace } from '../../place.ts';
import { elementsPart } from '../part.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

export interface TestLake {
  readonly place: LakePlace;
  readonly issuer: TestIssuer;
  readonly part: Part;
  element(name: ElementName): ElementPlace;
  close(): Promise<void>;
}

/** Why real elements cannot be had here; null where they can. Under CI=true nothing may be missing. */
export function whyNoElements(): string | null {
  if (process.env['CI'] === 'true') return null;
  if (process.getuid?.() !== 0) return 'not root: servers need users of their own';
  for (const program of ['xrootd', 'openssl', 'unshare', 'setpriv'])
    if (!hasProgram(program)) return `no program ${program}`;
  return null;
}

/** A place that nothing uses: its folder is passable for servers of other users. */
export async function testPlace(): Promise<LakePlace> {
  const root = await mkdtemp(join(tmpdir(), 'lake-'));
  await chmod(root, 0o711);
  return lakePlace({
    root,
    shared: root,
    port: await freeBase(),
    idp: join(root, 'idp'),
    asRoot: process.getuid?.() === 0,
    temporary: tmpdir(),
  });
}

export async function startTestLake(): Promise<TestLake> {
  const place = await testPlace();
  await layOut(place);
  await ensureAuthority(place);
  const part = elementsPart(place);
  const missing = await missingPackages(part.packages);
  if (missing.length > 0) await installPackages(missing, AbortSignal.timeout(600_000));
  const issuer = await startIssuer(place);
  const close = async () => {
    await part.stop();
    await issuer.close();
    await forgetPlace(place);
  };
  try {
    await part.start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    place,
    issuer,
    part,
    close,
    element: (name) => place.elements.find((one) => one.name === name) ?? place.elements[0]!,
  };
}

export async function forgetPlace(place: LakePlace): Promise<void> {
  await rm(place.root, { recursive: true, force: true });
  await rm(place.sockets, { recursive: true, force: true });
}

/** Its ports are base + 3 … base + 33; XRootD is told them, so the kernel cannot choose. */
async function freeBase(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const base = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(
      [3, 6, 7, 11, 12, 13, 21, 22, 23, 31, 32, 33].map((n) => isFree(base + n)),
    );
    if (free.every((one) => one)) return base;
  }
  throw new Error('no free ports');
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((done) => {
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}

function hasProgram(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if ((error as { status?: unknown }).status !== undefined) return false;
    throw error;
  }
}
