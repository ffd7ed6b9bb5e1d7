/** `palestra kit new`: a folder that builds as it stands. Never overwrites anything. */
import { glob, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { Problem } from '../../contract/errors.ts';
import { Slug } from '../../contract/names.ts';

export interface NewKit {
  /** folder with a folder for each kit */
  readonly kits: string;
  readonly name: string;
  /** the kit that it adds to */
  readonly from: string;
  readonly title: string;
}

const HEAD = `# This kit has all of the one it is from, and adds to it: see infra/kits/README.md. For packages of Python write
# requirements.in, a package a line, lock it, and name the list:
#   npx palestra kit lock NAME
#   environments: [{ folder: ., requirements: requirements.lock }]
# For packages of Debian, each with a file of it:
#   system: [{ package: tree, file: /usr/bin/tree }]
# Its image is made by infra/kits/Containerfile; a Containerfile of its own here goes before that.
`;

/** @returns the files. @throws Problem `bad-request` for names that are none, `not-found`, `conflict` where something stands */
export async function newKit({ kits, name, from, title }: NewKit): Promise<readonly string[]> {
  for (const each of [name, from])
    if (!Slug.safeParse(each).success)
      throw new Problem(
        'bad-request',
        `A kit's name is lower-case letters, digits and single hyphens, not "${each}".`,
      );
  const there = await kitsIn(kits);
  if (!there.includes(from))
    throw new Problem(
      'not-found',
      `There is no kit named "${from}" to begin from. There are: ${there.join(', ')}.`,
    );
  const folder = join(kits, name);
  await mkdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause;
    throw new Problem('conflict', `There is a kit "${name}" already. Nothing was written.`, { cause });
  });
  const settings = join(folder, 'kit.yaml');
  await writeFile(settings, HEAD.replace('NAME', name) + stringify({ title, from }));
  return [settings];
}

async function kitsIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const file of glob('*/kit.yaml', { cwd: folder })) names.push(dirname(file));
  return names.toSorted();
}
