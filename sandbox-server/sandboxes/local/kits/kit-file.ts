/** `kit.yaml` and the lists beside it: what a kit is made of. Parsed once, with the file's name in every mistake. */
import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
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
  /** a folder beside kit.yaml, laid over the environments; what is in its `front/` comes first on the PATH */
  files: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .optional(),
  /** packages of the system, each known by a file of its own */
  system: z
    .array(
      z.strictObject({
        package: z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/),
        file: z.string().regex(/^\/[^\0]+$/),
      }),
    )
    .default([]),
  /** extension modules of the system's interpreter that no index offers, linked into the first environment */
  systemModules: z.array(z.string().regex(/^[a-z_][a-z0-9_]*$/)).default([]),
  /** for shells and checks; `{kit}` is the kit's folder, `{{user}}` the learner's name */
  env: z.record(z.string().regex(/^[A-Z][A-Z0-9_]{0,40}$/), z.string().max(1000)).default({}),
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
  readonly files: readonly KitOwnFile[];
  readonly system: readonly SystemPackage[];
  readonly systemModules: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
/** One of the kit's own files. */
interface KitOwnFile {
  /** below the kit's folder */
  readonly path: string;
  readonly content: string;
  readonly executable: boolean;
}
export interface SystemPackage {
  readonly package: string;
  /** there once it is installed */
  readonly file: string;
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
  const { title, show, system, systemModules, env } = parsed.data;
  const files = parsed.data.files === undefined ? [] : await readFiles(join(root, name, parsed.data.files));
  return { name, title, environments, show, files, system, systemModules, env };
}

/** Text files below a folder (a link is the file it names), in an order that does not depend on the machine. */
async function readFiles(folder: string): Promise<readonly KitOwnFile[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory() && !entry.parentPath.includes('__pycache__'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
  return Promise.all(
    paths.map(async (path) => {
      const { mode } = await stat(join(folder, path));
      const content = await readFile(join(folder, path), 'utf8');
      return { path, content, executable: (mode & 0o100) !== 0 };
    }),
  );
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
