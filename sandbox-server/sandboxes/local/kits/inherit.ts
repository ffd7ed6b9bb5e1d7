/** A kit that is `from` another has all of it, and adds to it; pure. */
import { join } from 'node:path';
import { Problem } from '../../../contract/errors.ts';
import type { KitDefinition, KitEnvironment } from './kit-file.ts';

/**
 * Resolves every `from`. Lists of the same environment are installed together (what both name must have one version:
 * uv refuses else); of files, variables and the title the kit's own count. Throws Problem `bad-request` naming the file.
 */
export function inherit(root: string, own: readonly KitDefinition[]): readonly KitDefinition[] {
  const byName = new Map(own.map((kit) => [kit.name, kit]));
  const whole = (kit: KitDefinition, below: readonly string[]): KitDefinition => {
    if (kit.from === null) return kit;
    const wrong = (why: string) =>
      new Problem('bad-request', `${join(root, kit.name, 'kit.yaml')}: from: ${why}`);
    const other = byName.get(kit.from);
    if (other === undefined)
      throw wrong(`there is no kit "${kit.from}"; there are: ${[...byName.keys()].toSorted().join(', ')}`);
    if ([...below, kit.name].includes(kit.from)) throw wrong(`"${kit.from}" is itself from this kit`);
    return together(whole(other, [...below, kit.name]), kit);
  };
  return own.map((kit) => whole(kit, []));
}

function together(other: KitDefinition, own: KitDefinition): KitDefinition {
  const laid = new Set(own.files.map(({ path }) => path));
  return {
    ...own,
    environments: joined(other.environments, own.environments),
    files: [...other.files.filter(({ path }) => !laid.has(path)), ...own.files],
    system: unique([...other.system, ...own.system], (one) => one.package),
    systemModules: [...new Set([...other.systemModules, ...own.systemModules])],
    programs: [...new Set([...other.programs, ...own.programs])],
    show: [...new Set([...other.show, ...own.show])],
    env: { ...other.env, ...own.env },
  };
}

function joined(other: readonly KitEnvironment[], own: readonly KitEnvironment[]): readonly KitEnvironment[] {
  const added = own.filter((one) => !other.some(({ folder }) => folder === one.folder));
  const kept = other.map(({ folder, lists }) => {
    const more = own.filter((one) => one.folder === folder).flatMap((one) => one.lists);
    return { folder, lists: [...lists, ...more] };
  });
  return [...kept, ...added];
}

function unique<T>(all: readonly T[], key: (one: T) => string): T[] {
  return [...new Map(all.map((one) => [key(one), one])).values()];
}
