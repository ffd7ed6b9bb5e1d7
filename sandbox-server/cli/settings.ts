/** `palestra.yaml` from disk to a `Config`: parsed once, every mistake named with its key. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { Config } from '../contract/config.ts';
import { Problem } from '../contract/errors.ts';

/** The checkout this command belongs to. */
export const ROOT = resolve(import.meta.dirname, '../..');
/** Everything Palestra keeps: `$PALESTRA_STATE`, or `.palestra/` of the checkout. */
export const STATE = resolve(process.env['PALESTRA_STATE'] ?? join(ROOT, '.palestra'));

/** @param file relative to the checkout; a missing file means defaults only where it is the default name. */
export async function readSettings(file: string): Promise<Config> {
  const path = resolve(ROOT, file);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' && file === 'palestra.yaml') return '';
    throw new Problem('bad-request', `The settings file ${path} cannot be read: ${cause.message}`, { cause });
  });
  return parseSettings(text, file);
}

/** @throws Problem `bad-request` that names the file, each key, what was expected and what was found. */
export function parseSettings(text: string, file: string): Config {
  const result = Config.safeParse(yamlOf(text, file) ?? {});
  if (result.success) return result.data;
  const lines = result.error.issues.map(
    (issue) => `  ${file}: ${issue.path.join('.') || '(top)'}: ${issue.message}`,
  );
  throw new Problem(
    'bad-request',
    ['The settings do not fit:', ...lines, '  Where to read: sandbox-server/contract/config.ts'].join('\n'),
    { cause: new z.ZodError(result.error.issues) },
  );
}

function yamlOf(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof YAMLParseError)) throw cause;
    throw new Problem('bad-request', `${file} is not YAML: ${cause.message}`, { cause });
  }
}
