/**
 * As root, each sandbox has a host uid of its own (finding 2): a file `uids/<uid>` made exclusively, so that no
 * two processes on one place give the same. The range is far above people, subordinate uids and systemd's
 * containers, and differs for each place, so that two checkouts do not share uids.
 */
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../contract/errors.ts';

const FIRST = 1_900_000_000;
const PER_PLACE = 1_000;
const PLACES = 200_000;

export interface Uids {
  /** one that no sandbox has. Throws Problem `no-capacity` when all are in use. */
  take(sandbox: string): Promise<number | null>;
  giveBack(uid: number | null): Promise<void>;
  /** after a crash: gives back those of sandboxes that are no more */
  tidy(sandboxes: readonly string[]): Promise<void>;
}

/** No change of uid: the server is somebody ordinary already. */
export const OWN_UID: Uids = {
  take: () => Promise.resolve(null),
  giveBack: () => Promise.resolve(),
  tidy: () => Promise.resolve(),
};

/** @param placeHash hexadecimal. @returns the first of its thousand uids; pure */
export function firstUid(placeHash: string): number {
  return FIRST + (parseInt(placeHash.slice(0, 8), 16) % PLACES) * PER_PLACE;
}

export function createUids(folder: string, placeHash: string): Uids {
  const first = firstUid(placeHash);
  return {
    async take(sandbox) {
      for (let uid = first; uid < first + PER_PLACE; uid += 1) {
        if (await makeOnce(join(folder, String(uid)), sandbox)) return uid;
      }
      throw new Problem(
        'no-capacity',
        `All ${PER_PLACE} sandboxes of this machine are in use. Please try again later.`,
      );
    },
    async giveBack(uid) {
      if (uid !== null) await rm(join(folder, String(uid)), { force: true });
    },
    async tidy(sandboxes) {
      for (const uid of await readdir(folder)) {
        if (!sandboxes.includes(await readFile(join(folder, uid), 'utf8'))) await rm(join(folder, uid));
      }
    },
  };
}

async function makeOnce(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
