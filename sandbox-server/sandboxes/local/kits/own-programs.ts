/** Programs of ours that a kit brings: one file of JavaScript each, made from this checkout, run by the sandbox's node. */
import { fileURLToPath } from 'node:url';
import { bundle } from '../bundle.ts';
import type { KitDefinition } from './kit-file.ts';

/** What `programs` of kit.yaml may name, and where each begins; what is loaded there by name alone stays outside. */
const SOURCES: Readonly<Record<OwnProgram, { readonly entry: string; readonly outside: readonly string[] }>> =
  {
    // of the languages lint needs the names alone: their grammars are 7 MB
    palestra: { entry: '../../../authoring/author-command.ts', outside: ['@shikijs/langs/*'] },
  };
export const OWN_PROGRAMS = ['palestra'] as const;
export type OwnProgram = (typeof OWN_PROGRAMS)[number];

/** @returns the kits with their programs among their files, in `bin/`. Throws where one cannot be made. */
export function withPrograms(kits: readonly KitDefinition[]): Promise<readonly KitDefinition[]> {
  return Promise.all(
    kits.map(async (kit) => {
      const made = await Promise.all(kit.programs.map(programFiles));
      return { ...kit, files: [...kit.files, ...made.flat()] };
    }),
  );
}

async function programFiles(name: OwnProgram): Promise<KitDefinition['files'][number][]> {
  const { entry, outside } = SOURCES[name];
  const content = await bundle(fileURLToPath(new URL(entry, import.meta.url)), outside);
  return [
    { path: `bin/${name}.mjs`, content, executable: false },
    { path: `bin/${name}`, content: starter(name), executable: true },
  ];
}

/** A sandbox's own node is no command of its learner's; without walls it is the one that runs the server. */
const starter = (name: OwnProgram): string => `#!/bin/sh
node=/opt/palestra/bin/node
[ -x "$node" ] || node=node
exec "$node" "$(dirname "$0")/${name}.mjs" "$@"
`;
