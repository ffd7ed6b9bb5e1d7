/** Which services there are: those of the checkout and the operator's own, as values. */
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import type { Config } from '../contract/config.ts';
import { Problem } from '../contract/errors.ts';
import { ServiceFile } from '../contract/service.ts';

export interface ServiceDefinition {
  readonly file: ServiceFile;
  /** absolute; the command is run in it */
  readonly folder: string;
}

/**
 * Every `infra/NAME/service.yaml` of a checkout, by name.
 * @throws Problem `bad-request` naming the file and the key
 */
export async function findServices(root: string): Promise<readonly ServiceDefinition[]> {
  const infra = join(resolve(root), 'infra');
  const entries = await readdir(infra, { withFileTypes: true }).catch((error: unknown) => absent(error, []));
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(infra, entry.name));
  const found = (await Promise.all(folders.sort().map(readDefinition))).filter((one) => one !== null);
  const twice = found.find((one, i) => found.findIndex((other) => other.file.name === one.file.name) !== i);
  if (twice !== undefined)
    throw new Problem('bad-request', `Two folders of infra/ call themselves the service ${twice.file.name}.`);
  return found;
}

async function readDefinition(folder: string): Promise<ServiceDefinition | null> {
  const path = join(folder, 'service.yaml');
  const text = await readFile(path, 'utf8').catch((error: unknown) => absent(error, null));
  return text === null ? null : { file: parseServiceFile(text, path), folder };
}

export function parseServiceFile(text: string, path: string): ServiceFile {
  const parsed = ServiceFile.safeParse(yamlOf(text, path));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((one) => `  ${one.path.join('.') || '(top)'}: ${one.message}`);
  throw new Problem('bad-request', [`${path} does not fit:`, ...lines].join('\n'), { cause: parsed.error });
}

function yamlOf(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof YAMLParseError)) throw cause;
    throw new Problem('bad-request', `${path} is not YAML: ${cause.message}`, { cause });
  }
}

/** What the settings make of those that were found: some taken away, some reached otherwise, some added. Pure. */
export function withSettings(
  found: readonly ServiceDefinition[],
  settings: Config['services'],
  root: string,
): readonly ServiceDefinition[] {
  const kept = found.flatMap((one) => {
    const own = settings[one.file.name];
    if (own === false) return [];
    return [own === undefined ? one : configured(one, own, root)];
  });
  const names = new Set(found.map((one) => one.file.name));
  const added = Object.entries(settings).flatMap(([name, own]) => {
    if (own === false || names.has(name)) return [];
    const plain = { name, title: name, summary: '', command: own.command, admits: false, verbs: [] };
    return [configured({ file: plain, folder: root }, own, root)];
  });
  return [...kept, ...added];
}

function configured(
  one: ServiceDefinition,
  own: Exclude<Config['services'][string], false>,
  root: string,
): ServiceDefinition {
  const { folder, ...rest } = own;
  const said = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    file: ServiceFile.parse({ ...one.file, ...said }),
    folder: folder === undefined ? one.folder : resolve(root, folder),
  };
}

function absent<T>(error: unknown, value: T): T {
  if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return value;
  throw error;
}
