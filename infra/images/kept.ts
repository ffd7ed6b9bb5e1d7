/** Finished images, by name and hash: archive, bill of materials, and what is known of them. */
import { copyFile, link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { IMAGE_PREFIX } from '../../sandbox-server/sandboxes/local/kits/refused.ts';
import type { Buildah } from './buildah.ts';
import { Inventory, inventoryOf } from './inventory.ts';
import type { ImagePlace } from './place.ts';
import { billOfMaterials, type BillOf } from './sbom.ts';

const Kept = z.object({
  name: z.string(),
  hash: z.string(),
  reference: z.string(),
  /** bytes of the archive, compressed */
  bytes: z.number(),
  /** bytes of all layers */
  unpacked: z.number(),
  /** s that it took to build */
  seconds: z.number(),
  inventory: Inventory,
});
export type Kept = z.infer<typeof Kept>;

export interface KeptPaths {
  readonly archive: string;
  readonly bill: string;
  readonly record: string;
}

export function keptPaths(folder: string, name: string, hash: string): KeptPaths {
  const at = (end: string) => join(folder, `${name}-${hash}.${end}`);
  return { archive: at('oci.tar'), bill: at('cdx.json'), record: at('json') };
}

/** @returns null where it was not built, or not to its end: the record is written last */
export async function findKept(place: ImagePlace, name: string, hash: string): Promise<Kept | null> {
  const paths = keptPaths(place.kept, name, hash);
  try {
    const kept = Kept.parse(JSON.parse(await readFile(paths.record, 'utf8')));
    return (await stat(paths.archive)).size === kept.bytes ? kept : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Writes an image that was built to its archive, with its bill. @param began `performance.now()` of its build */
export async function finishImage(
  { place, buildah }: { readonly place: ImagePlace; readonly buildah: Buildah },
  image: Pick<Kept, 'name' | 'hash' | 'reference'> & Pick<BillOf, 'npm'> & { readonly began: number },
): Promise<Kept> {
  const { name, hash, reference, npm, began } = image;
  const { archive } = keptPaths(place.kept, name, hash);
  await buildah.write(reference, archive);
  const inventory = await inventoryOf(buildah, reference);
  const made: Kept = {
    name,
    hash,
    reference,
    bytes: (await stat(archive)).size,
    unpacked: await buildah.size(reference),
    seconds: Math.round((performance.now() - began) / 100) / 10,
    inventory,
  };
  await keep(place, made, billOfMaterials({ name: `${IMAGE_PREFIX}${name}`, version: hash, inventory, npm }));
  return made;
}

export async function keep(place: ImagePlace, image: Kept, bill: string): Promise<void> {
  const paths = keptPaths(place.kept, image.name, image.hash);
  await writeWhole(paths.bill, bill);
  await writeWhole(paths.record, JSON.stringify(image));
}

/** Lays an image into `.palestra/images`, where people and `index.json` look. */
export async function layOut(place: ImagePlace, image: Kept): Promise<KeptPaths> {
  const from = keptPaths(place.kept, image.name, image.hash);
  const to = keptPaths(place.out, image.name, image.hash);
  await linkOrCopy(from.archive, to.archive);
  await linkOrCopy(from.bill, to.bill);
  await addToIndex(join(place.out, 'index.json'), image, to);
  return to;
}

const Index = z.record(
  z.string(),
  z.object({
    reference: z.string(),
    archive: z.string(),
    bill: z.string(),
    bytes: z.number(),
    unpacked: z.number(),
  }),
);

/** Name of a kit → its newest image on this machine; files stand beside `index.json`. */
async function addToIndex(file: string, image: Kept, paths: KeptPaths): Promise<void> {
  const index = await readFile(file, 'utf8').then(
    (text) => Index.parse(JSON.parse(text)),
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw error;
    },
  );
  const { name, reference, bytes, unpacked } = image;
  const entry = { reference, archive: basename(paths.archive), bill: basename(paths.bill), bytes, unpacked };
  await writeWhole(file, `${JSON.stringify({ ...index, [name]: entry }, null, 2)}\n`);
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  await link(from, to).catch(async (error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    // another file system, or links forbidden
    if (!['EXDEV', 'EPERM', 'EMLINK', 'EACCES'].includes(code)) throw error;
    await copyFile(from, to);
  });
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}
