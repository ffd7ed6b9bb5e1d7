/** `kit.yaml` and the lists beside it: what a kit is made of. Parsed once, with the file's name in every mistake. */
import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { Problem } from '../../../contract/errors.ts';
import { Slug } from '../../../contract/names.ts';
import { inherit } from './inherit.ts';
import { OWN_PROGRAMS, type OwnProgram } from './own-programs.ts';
import { askedTooMuch, imageIsAllowed, IMAGE_PREFIX } from './refused.ts';

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
  /** another kit that this one has all of, and adds to: see `inherit.ts` */
  from: Slug.optional(),
  /** a ready image for the cluster; absent: built from this folder */
  image: z
    .string()
    .refine(imageIsAllowed, { error: `only images below ${IMAGE_PREFIX} may be named` })
    .optional(),
  /** may be left out where `from` brings some */
  environments: z.array(Environment).default([]),
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
      z.strictObject(
        {
          package: z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/),
          file: z.string().regex(/^\/[^\0]+$/),
        },
        { error: 'each is a package and a file of it, as { package: jq, file: /usr/bin/jq }' },
      ),
    )
    .default([]),
  /** extension modules of the system's interpreter that no index offers, linked into the first environment */
  systemModules: z.array(z.string().regex(/^[a-z_][a-z0-9_]*$/)).default([]),
  /** programs of ours, made from this checkout: see `own-programs.ts` */
  programs: z.array(z.enum(OWN_PROGRAMS)).default([]),
  /** for shells and checks; `{kit}` is the kit's folder, `{{user}}` the learner's name */
  env: z.record(z.string().regex(/^[A-Z][A-Z0-9_]{0,40}$/), z.string().max(1000)).default({}),
});

export interface KitEnvironment {
  readonly folder: string;
  /** locked lists that hold together: the kit's own, after those of the kits it is from; none: an interpreter alone */
  readonly lists: readonly KitList[];
}
interface KitList {
  readonly path: string;
  readonly text: string;
}
export interface KitDefinition {
  readonly name: string;
  readonly title: string;
  /** the kit it adds to; what it has of it stands in the fields below already */
  readonly from: string | null;
  /** a ready image for the cluster; null: built */
  readonly image: string | null;
  readonly environments: readonly KitEnvironment[];
  readonly show: readonly string[];
  readonly files: readonly KitOwnFile[];
  readonly system: readonly SystemPackage[];
  readonly systemModules: readonly string[];
  readonly programs: readonly OwnProgram[];
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

/** Every kit below a folder, by name. Throws Problem `bad-request` naming the file and the field. */
export async function readKits(root: string): Promise<readonly KitDefinition[]> {
  const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  return inherit(root, await Promise.all(folders.map((entry) => readKit(root, entry.name))));
}

/** What stands in a kit's own file. @throws Problem `bad-request` naming it, and the field */
export async function readKitFile(root: string, name: string): Promise<z.infer<typeof KitFile>> {
  const file = join(root, name, 'kit.yaml');
  if (!Slug.safeParse(name).success)
    throw new Problem('bad-request', `${file}: "${name}" cannot be a kit's name`);
  return parseKit(file, await there(readFile(file, 'utf8'), file));
}

async function readKit(root: string, name: string): Promise<KitDefinition> {
  const file = join(root, name, 'kit.yaml');
  const { from = null, image = null, files, ...rest } = await readKitFile(root, name);
  const environments = await Promise.all(
    rest.environments.map((one) =>
      there(readEnvironment(join(root, name), one), `${file}: environments: ${one.requirements}`),
    ),
  );
  const own =
    files === undefined ? [] : await there(readFiles(join(root, name, files)), `${file}: files: ${files}`);
  return { ...rest, name, from, image, environments, files: own };
}

/** @throws Problem `bad-request` where what a kit names, or its own file, is not there */
async function there<T>(reading: Promise<T>, what: string): Promise<T> {
  return reading.catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    throw new Problem('bad-request', `${what} is not there; infra/kits/README.md says how it is made`, {
      cause,
    });
  });
}

function parseKit(file: string, text: string): z.infer<typeof KitFile> {
  const raw = yamlOf(file, text);
  const [tooMuch] = askedTooMuch(raw);
  if (tooMuch !== undefined)
    throw new Problem('bad-request', `${file}: ${tooMuch}: no kit may ask for this; take it out`);
  const parsed = KitFile.safeParse(raw);
  if (!parsed.success) throw new Problem('bad-request', `${file}: ${z.prettifyError(parsed.error)}`);
  const { environments, from } = parsed.data;
  if (environments.length === 0 && from === undefined)
    throw new Problem('bad-request', `${file}: environments: at least one, or \`from\` another kit`);
  return parsed.data;
}

function yamlOf(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof YAMLParseError)) throw cause;
    throw new Problem('bad-request', `${file} is not YAML: ${cause.message}`, { cause });
  }
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
  if (one.requirements === undefined) return { folder: one.folder, lists: [] };
  const path = join(folder, one.requirements);
  return { folder: one.folder, lists: [{ path, text: await readFile(path, 'utf8') }] };
}

/** Names the preparation: whatever changes what is in it changes its folder. */
export function kitHash(kit: KitDefinition, python: { path: string; version: string }): string {
  const hash = createHash('sha256').update(JSON.stringify([kit, python.path, python.version]));
  return hash.digest('hex').slice(0, 12);
}
