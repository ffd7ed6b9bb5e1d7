/** What an image holds, as the package managers inside know it. */
import { z } from 'zod';
import type { Buildah } from './buildah.ts';

const Found = z.object({ name: z.string().min(1), version: z.string().min(1) });
export type Found = z.infer<typeof Found>;
export const Inventory = z.object({
  system: z.object({ id: z.string(), version: z.string() }),
  /** Debian's packages, with their architecture */
  debian: z.array(Found.extend({ arch: z.string() })),
  /** Python's, with the environment below /opt/kit they stand in */
  python: z.array(Found.extend({ folder: z.string() })),
  node: z.string(),
});
export type Inventory = z.infer<typeof Inventory>;

/** Runs in the image, with nothing but Node: prints an `Inventory`. */
const LOOK = `
const fs = require('node:fs'), path = require('node:path');
const text = (file) => fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
const field = (block, name) => new RegExp('^' + name + ': (.*)$', 'm').exec(block)?.[1]?.trim() ?? '';
const release = (name) => new RegExp('^' + name + '="?([^"\\\\n]*)"?$', 'm').exec(text('/etc/os-release'))?.[1] ?? '';
const debian = text('/var/lib/dpkg/status').split('\\n\\n').filter((block) => / installed$/m.test(field(block, 'Status')))
  .map((block) => ({ name: field(block, 'Package'), version: field(block, 'Version'), arch: field(block, 'Architecture') }));
const python = [];
if (fs.existsSync('/opt/kit')) for (const entry of fs.readdirSync('/opt/kit', { recursive: true })) {
  const found = /^(.*?)\\/?lib\\/python[^/]+\\/site-packages\\/[^/]+\\.dist-info$/.exec(entry);
  if (found === null) continue;
  const meta = text(path.join('/opt/kit', entry, 'METADATA')).split(/\\r?\\n\\r?\\n/)[0];
  python.push({ folder: found[1] || '.', name: field(meta, 'Name'), version: field(meta, 'Version') });
}
process.stdout.write(JSON.stringify({ system: { id: release('ID'), version: release('VERSION_ID') }, debian, python, node: process.version }));
`;

export async function inventoryOf(buildah: Buildah, reference: string): Promise<Inventory> {
  const said = await buildah.outputOf(reference, '/opt/palestra/bin/node', ['-e', LOOK]);
  const { system, debian, python, node } = Inventory.parse(JSON.parse(said));
  return { system, debian: inOrder(debian), python: inOrder(python), node };
}

/** By name, whatever order the file system has. */
function inOrder<T extends Found>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
function key(one: Found): string {
  return JSON.stringify([one.name, one]);
}
