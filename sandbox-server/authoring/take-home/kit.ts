/** What of a kit goes home with a lesson: its locked lists, its own files, its variables. Pure. */
import type { TakenFile } from './archive.ts';

/** A kit as `readKits` gives it; here so that this room needs no driver. */
export interface TakenKit {
  readonly name: string;
  readonly environments: readonly {
    readonly folder: string;
    readonly lists: readonly { readonly text: string }[];
  }[];
  readonly files: readonly {
    readonly path: string;
    readonly content: string;
    readonly executable: boolean;
  }[];
  /** packages of the system that it counts on */
  readonly system: readonly { readonly package: string }[];
  readonly env: Readonly<Record<string, string>>;
}

/** @returns files below `inside/kit/`; start.sh reads the two tables */
export function kitFiles({ environments, files, env, name }: TakenKit): TakenFile[] {
  const lists = environments.flatMap(({ folder, lists }) =>
    lists.map(({ text }, index) => ({ folder, file: listName(name, folder, index), text })),
  );
  const table = environments.map(({ folder }) => {
    const own = lists.filter((list) => list.folder === folder).map(({ file }) => file);
    return [folder, ...own].join(' ');
  });
  const variables = Object.entries(env).map(([key, value]) => `${key}=${forHome(value)}\n`);
  return [
    { path: 'inside/kit/environments.txt', content: `${table.join('\n')}\n` },
    { path: 'inside/kit/env.txt', content: variables.join('') },
    ...lists.map(({ file, text }) => ({ path: `inside/kit/${file}`, content: text })),
    ...files.map((file) => ({ ...file, path: `inside/kit/files/${file.path}` })),
  ];
}

const listName = (kit: string, folder: string, index: number): string =>
  `${[kit, ...(folder === '.' ? [] : [folder]), ...(index === 0 ? [] : [String(index + 1)])].join('-')}.lock`;

/** At home there is one learner, of one name. */
export const forHome = (text: string): string => text.replaceAll('{{user}}', 'learner');
