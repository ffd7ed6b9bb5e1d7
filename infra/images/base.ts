/** The image that every kit stands on: see base/Containerfile. Its name follows from what was asked, kits' names from what came. */
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../sandbox-server/sandboxes/local/bundle.ts';
import type { Buildah } from './buildah.ts';
import { readClients, thisSystem } from './clients.ts';
import { contentHash, fileHash } from './content.ts';
import { provideDebian } from './debian.ts';
import { inventoryOf, Inventory } from './inventory.ts';
import type { ImagePlace } from './place.ts';
import type { Stage } from './stage.ts';

const BASE = join(import.meta.dirname, 'base');

/** What the next image stands on. */
export interface Below {
  readonly reference: string;
  /** names all that is in it */
  readonly content: string;
}

export interface Workshop {
  readonly place: ImagePlace;
  readonly buildah: Buildah;
  readonly stage: Stage;
  readonly signal: AbortSignal;
  /** another Debian or Ubuntu; null: made here */
  readonly base: string | null;
  /** packages that uv has fetched before, shared with the kits of this machine */
  readonly packages: string;
}

/** @returns it, made where it is not there. */
export async function provideBase(shop: Workshop): Promise<Below> {
  const { place, buildah, stage, base } = shop;
  const containerfile = join(BASE, 'Containerfile');
  const program = await bundle(join(import.meta.dirname, 'inside/base.ts'));
  const packages = await readFile(join(BASE, 'packages.txt'), 'utf8');
  const system = base === null ? await thisSystem() : null;
  const asked = contentHash(
    base ?? system,
    await readFile(containerfile, 'utf8'),
    packages,
    program,
    process.arch,
    await fileHash(process.execPath),
  );
  const reference = `localhost/palestra-build/base:${asked}`;
  const record = join(place.kept, `packages-of-base-${asked}.json`);
  if (!(await buildah.has(reference))) {
    const from = base ?? (await stage('Debian itself', () => provideDebian(buildah, shop.signal)));
    if (base !== null) await stage(`fetching ${base}`, () => buildah.fetch(base));
    await stage('the base image', () =>
      build(shop, { reference, from, containerfile, packages, program, asked }),
    );
    await writeFile(record, JSON.stringify(await inventoryOf(buildah, reference)));
  }
  const inventory = Inventory.parse(JSON.parse(await readFile(record, 'utf8')));
  return { reference, content: contentHash(asked, inventory) };
}

async function build(
  { buildah, base }: Workshop,
  what: Record<'reference' | 'from' | 'containerfile' | 'packages' | 'program' | 'asked', string>,
): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'palestra-base-'));
  try {
    await mkdir(join(context, 'bin'));
    await copyFile(process.execPath, join(context, 'bin/node'));
    await chmod(join(context, 'bin/node'), 0o755);
    await mkdir(join(context, 'make'));
    await writeFile(join(context, 'make/base.js'), what.program);
    await writeFile(join(context, 'make/package.json'), '{"type":"module"}');
    await writeFile(join(context, 'make/packages.txt'), what.packages);
    await withClientsFile({ apt: base === null }, (clients) =>
      buildah.build({
        reference: what.reference,
        containerfile: what.containerfile,
        context,
        args: { BASE: what.from, CONTENT: what.asked },
        clients,
      }),
    );
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/**
 * The machine's settings as a file that nobody else may read, for as long as a build takes.
 * @param more variables for the step that they are lent to
 */
export async function withClientsFile<T>(
  options: { readonly apt: boolean; readonly more?: Readonly<Record<string, string>> },
  work: (file: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'palestra-clients-'));
  try {
    const file = join(folder, 'clients.json');
    const { env, files } = await readClients({ apt: options.apt ? await thisSystem() : null });
    await writeFile(file, JSON.stringify({ env: { ...env, ...options.more }, files }), { mode: 0o600 });
    return await work(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
