/** Makes one kit's folder: a virtual environment for each list, usable wherever it is mounted. */
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { KitState } from '../../../contract/api.ts';
import { makeWhole } from '../settle.ts';
import { installLocked } from './locked-environment.ts';
import type { KitDefinition, KitEnvironment } from './kit-file.ts';
import type { Python } from './python.ts';
import { linkOnce, linkSystemModules, provideSystem } from './system.ts';
import { runTool } from './tool.ts';
import { BEGINNING, heard, packagesIn, progressText } from './uv-progress.ts';
import { versionsIn } from './versions.ts';

/** Written last into a kit's folder: what it holds. */
const Contents = z.object({
  versions: z.record(z.string(), z.string()),
  alsoVisible: z.array(z.string()),
  /** modules of the system's Python that this one cannot use */
  without: z.array(z.string()).default([]),
});
export type KitContents = z.infer<typeof Contents>;
const CONTENTS = 'palestra-kit.json';

export interface KitBuild {
  readonly kit: KitDefinition;
  readonly folder: string;
  readonly python: Python;
  /** resolves with uv's executable; asked for only where a list is to be installed */
  readonly uv: () => Promise<string>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Pick<KitState, 'text' | 'progress'>) => void;
}

/** @returns null where it was not prepared yet */
export async function readContents(folder: string): Promise<KitContents | null> {
  try {
    return Contents.parse(JSON.parse(await readFile(join(folder, CONTENTS), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Builds under another name and renames: a kit is whole or absent. */
export async function buildKit(build: KitBuild): Promise<KitContents> {
  return makeWhole(build.folder, async (building) => {
    const contents = await fillKit({ ...build, folder: building });
    // the sandboxes' users are not ours, and our umask may be strict
    await runTool(['chmod', '-R', 'a+rX', building], build.signal);
    return contents;
  });
}

/** Fills a folder, which may hold the kit that this one is from. */
export async function fillKit(build: KitBuild): Promise<KitContents> {
  const { kit, folder, python, signal } = build;
  await provideSystem({
    title: kit.title,
    packages: kit.system,
    signal,
    onBegin: (text) => build.onProgress({ text }),
  });
  let before = 0;
  for (const environment of kit.environments) before += await buildEnvironment(build, environment, before);
  const without = await linkSystemModules(kit.systemModules, python, folder);
  await layFiles(build);
  const versions = { python: python.version, ...(await versionsIn(folder, kit.show)) };
  const alsoVisible = python.prefix === null ? [] : [python.prefix];
  const contents: KitContents = { versions, alsoVisible, without: [...without] };
  await writeFile(join(folder, CONTENTS), JSON.stringify(contents));
  return contents;
}

const textOf = (lists: KitEnvironment['lists']) => lists.map(({ text }) => text).join('\n');

/** @returns how many packages it holds */
async function buildEnvironment(
  build: KitBuild,
  environment: KitEnvironment,
  before: number,
): Promise<number> {
  const folder = join(build.folder, environment.folder);
  if (environment.lists.length === 0) {
    await mkdir(join(folder, 'bin'), { recursive: true });
    for (const name of ['python', 'python3']) await linkOnce(build.python.path, join(folder, 'bin', name));
    return 0;
  }
  let state = BEGINNING;
  const later = build.kit.environments.slice(build.kit.environments.indexOf(environment) + 1);
  const after = later.reduce((sum, one) => sum + packagesIn(textOf(one.lists)), 0);
  await installLocked({
    uv: await build.uv(),
    python: build.python.path,
    folder,
    locks: environment.lists.map(({ path }) => path),
    signal: build.signal,
    onLine(line) {
      state = heard(state, line);
      build.onProgress(progressText(build.kit.title, state, before, after));
    },
  });
  return state.all;
}

/** The kit's own files, over what the environments brought; modules compiled, since nobody may write there later. */
async function layFiles({ kit, folder, python, signal }: KitBuild): Promise<void> {
  for (const { path, content, executable } of kit.files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content, { mode: executable ? 0o755 : 0o644 });
  }
  const modules = kit.files.filter(({ path }) => path.endsWith('.py')).map(({ path }) => join(folder, path));
  if (modules.length > 0) await runTool([python.path, '-m', 'compileall', '-q', ...modules], signal);
}

/** Whether the interpreter a kit points at is still there (a system upgrade may take it away). */
export async function interpreterLives(folder: string): Promise<boolean> {
  return access(join(folder, 'bin/python')).then(
    () => true,
    () => false, // a dangling link, or nothing: it is to be built anew
  );
}
