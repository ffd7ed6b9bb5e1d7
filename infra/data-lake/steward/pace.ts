/** A learner's transfers leave in groups, every so many seconds; others' are not held. The daemons read the file. */
import { readFile } from 'node:fs/promises';
import { ownFile } from '../part.ts';
import type { LakePlace } from '../place.ts';
import { paceFile } from '../rucio/ground.ts';
import { scopeOf } from './admission.ts';

export interface Pace {
  /** @param seconds between two groups; null: at once, as for everybody. @returns whether there was another before */
  set(user: string, seconds: number | null): Promise<boolean>;
}

export function createPace(place: LakePlace): Pace {
  let turn: Promise<unknown> = Promise.resolve();
  const change = async (user: string, seconds: number | null) => {
    const paces = await readPaces(paceFile(place));
    const before = paces[scopeOf(user)];
    const { [scopeOf(user)]: _, ...rest } = paces;
    const after = seconds === null ? rest : { ...rest, [scopeOf(user)]: seconds };
    await ownFile(paceFile(place), JSON.stringify(after), place.users.rucio);
    return before !== undefined;
  };
  return {
    set(user, seconds) {
      // one after the other: two who read the same file would undo each other
      const mine = turn.then(() => change(user, seconds));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

async function readPaces(path: string): Promise<Record<string, number>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, number>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
