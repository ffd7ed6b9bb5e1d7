/** A lesson of cells has a kit with JupyterLab in it: cells run in nothing else. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { CellFence, Lesson } from '../../contract/lesson.ts';
import type { Finding } from './finding.ts';
import { finding } from './page.ts';

/** What a cell needs, as a locked list has it. */
const NEEDED = ['jupyterlab', 'ipykernel'] as const;
/** Of a kit's file what tells its packages; the rest is the kits' room to judge. */
const KitPackages = z.looseObject({
  from: z.string().optional(),
  environments: z.array(z.looseObject({ requirements: z.string().optional() })).default([]),
});

/** @param file the lesson's, from the checkout on */
export async function cellFindings(root: string, lesson: Lesson, file: string): Promise<Finding[]> {
  const [first] = lesson.steps.flatMap(({ actions }) => actions.filter(isCell));
  if (first === undefined) return [];
  const { kit } = lesson.needs;
  const locked = await lockedIn(join(root, 'infra/kits'), kit);
  const missing = locked === null ? [] : NEEDED.filter((name) => !locked.includes(`\n${name}==`));
  if (missing.length === 0) return [];
  return [
    finding(
      'cells-need-jupyterlab',
      { file, line: first.place.line },
      {
        message: `The kit "${kit}" has no ${missing.join(' and no ')}, so this cell cannot run.`,
        expected: 'needs: { kit: … } with a kit that has both, e.g. dask',
        received: kit,
      },
    ),
  ];
}

const isCell = (action: Lesson['steps'][number]['actions'][number]): action is CellFence =>
  action.kind === 'cell';

/** Locked lists of a kit and of the kits it is from. @returns null where it cannot be told here: others say why */
async function lockedIn(kits: string, kit: string): Promise<string | null> {
  const text = await textOf(join(kits, kit, 'kit.yaml'));
  const known = text === null ? null : KitPackages.safeParse(parse(text));
  if (known?.success !== true) return null;
  const { from, environments } = known.data;
  const lists = environments.flatMap(({ requirements }) => requirements ?? []);
  const own = await Promise.all(lists.map((list) => textOf(join(kits, kit, list))));
  const inherited = from === undefined || from === kit ? '' : await lockedIn(kits, from);
  return ['', inherited ?? '', ...own.map((list) => list ?? '')].join('\n');
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
