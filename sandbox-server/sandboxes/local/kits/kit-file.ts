/** `kit.yaml` and the lists beside it: what a kit is made of. Parsed once, with the file's name in every mistake. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { Problem } from '../../../contract/errors.ts';
import { Slug } from '../../../contract/names.ts';

const Environment = z.strictObject({
  /** below /opt/kit; `.` is /opt/kit itself, whose bin/ is on the PATH */
  folder: z.string().regex(/^(\.|[a-z0-9][a-z0-9-]*)$/),
  /** a locked list with hashes; absent: nothing but the interpreter */
  requirements: z
    .string()
    .regex(/^[a-z0-9.-]+\.lock$/)
    .optional(),
});
const KitFile = z.strictObject({
  title: z.string().min(1),
  environments: z.array(Environment).min(1),
  /** packages whose versions are told */
  show: z.array(z.string()).default([]),
});

export interface KitEnvironment {
  readonly folder: string;
  /** the locked list: its path and its text; null: an interpreter alone */
  readonly list: { readonly path: string; readonly text: string } | null;
}
export interface KitDefinition {
  readonly name: string;
  readonly title: string;
  readonly environments: readonly KitEnvironment[];
  readonly show: readonly string[];
}

/** Every kit below a folder, by name. Throws Problem `bad-request` naming the file. */
export async function readKits(root: string): Promise<readonly KitDefinition[]> {
  const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  return Promise.all(folders.map((entry) => readKit(root, entry.name)));
}

async function readKit(root: string, name: string): Promise<KitDefinition> {
  const file = join(root, name, 'kit.yaml');
  const parsed = KitFile.safeParse(parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new Problem('bad-request', `${file}: ${z.prettifyError(parsed.error)}`);
  if (!Slug.safeParse(name).success)
    throw new Problem('bad-request', `${file}: "${name}" cannot be a kit's name`);
  const environments = await Promise.all(
    parsed.data.environments.map((one) => readEnvironment(join(root, name), one)),
  );
  return { name, title: parsed.data.title, environments, show: parsed.data.show };
}

async function readEnvironment(folder: string, one: z.infer<typeof Environment>): Promise<KitEnvironment> {
  if (one.requirements === undefined) return { folder: one.folder, list: null };
  const path = join(folder, one.requirements);
  return { folder: one.folder, list: { path, text: await readFile(path, 'utf8') } };
}

/** Names the preparation: whatever changes what is in it changes its folder. */
export function kitHash(kit: KitDefinition, python: { path: string; version: string }): string {
  const hash = createHash('sha256').update(JSON.stringify([kit, python.path, python.version]));
  return hash.digest('hex').slice(0, 12);
}
