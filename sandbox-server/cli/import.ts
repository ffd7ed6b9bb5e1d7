/** `palestra import`: a notebook, a page or a scenario as a lesson, and a list of what could not be taken over. */
import { basename, resolve } from 'node:path';
import { importInto } from '../authoring/index.ts';
import type { Imported } from '../authoring/index.ts';
import { ROOT } from './settings.ts';

export interface ImportCommand {
  readonly into?: string;
  readonly kit?: string;
  readonly json?: boolean;
}

export async function importPath(path: string, { into, kit, json }: ImportCommand): Promise<void> {
  const course = into === undefined ? {} : { course: basename(into) };
  const imported = await importInto({
    root: ROOT,
    path: resolve(path),
    ...course,
    ...(kit !== undefined && { kit }),
  });
  process.stdout.write(json === true ? `${JSON.stringify(imported, null, 2)}\n` : describe(imported));
}

function describe({ id, files, left }: Imported): string {
  const written = files.map((file) => `  ${file}`).join('\n');
  const lost = left
    .map(({ file, line, what, now }) => `  ${file}:${line}: ${what}\n      now: ${now}`)
    .join('\n');
  const list =
    left.length === 0 ? 'Everything was taken over.' : `Not taken over as it was (${left.length}):\n${lost}`;
  return `Written:\n${written}\n\n${list}\n\nNext:\n  npx palestra lint ${id}\n  write its checks (TODO review), then npx palestra prove ${id}\n`;
}
