/**
 * As root, each sandbox has a host uid of its own (finding 2). The range is far above people, subordinate
 * uids and systemd's containers, and differs for each place, so that two checkouts do not share uids.
 */
import { Problem } from '../../contract/errors.ts';

const FIRST = 1_900_000_000;
const PER_PLACE = 1_000;
const PLACES = 200_000;

export interface Uids {
  /** one that no sandbox uses. Throws Problem `no-capacity` when all are in use. */
  take(): number | null;
  /** found in use by a sandbox that runs */
  hold(uid: number | null): void;
  giveBack(uid: number | null): void;
}

/** No change of uid: the server is somebody ordinary already. */
export const OWN_UID: Uids = { take: () => null, hold: () => {}, giveBack: () => {} };

/** @param placeHash hexadecimal, e.g. of the place's path */
export function createUids(placeHash: string): Uids {
  const first = FIRST + (parseInt(placeHash.slice(0, 8), 16) % PLACES) * PER_PLACE;
  const used = new Set<number>();
  return {
    take() {
      for (let uid = first; uid < first + PER_PLACE; uid += 1) {
        if (used.has(uid)) continue;
        used.add(uid);
        return uid;
      }
      throw new Problem(
        'no-capacity',
        `All ${PER_PLACE} sandboxes of this machine are in use. Please try again later.`,
      );
    },
    hold: (uid) => void (uid !== null && used.add(uid)),
    giveBack: (uid) => void (uid !== null && used.delete(uid)),
  };
}
