/** What other rooms ask of the lake: what a learner has there, read with their own token, while somebody watches. */
import type { LakeData, LakeNews } from '../contract/lake.ts';
import type { SignedIn } from '../identity/face.ts';

export interface LakeView {
  /**
   * What they have now, asked of the lake at once.
   * Throws Problem `not-found` for a lab that is not theirs, else one whose `details` is the LakeTrouble.
   */
  read(who: SignedIn, lab: string): Promise<LakeData>;
  /** News until disposed, beginning with all there is or why there is nothing. Problem `not-found` as above. */
  watch(who: SignedIn, lab: string, listener: (news: LakeNews) => void): Promise<Disposable>;
  /** learners whose data is being followed */
  readonly watched: number;
  close(): void;
}

/** A server of the lake: the name in its certificate, and where it is reached from here. */
export interface LakeDoor {
  readonly host: string;
  readonly port: number;
  readonly to: { readonly host: string; readonly port: number };
}
export interface LakeAddress {
  /** PEM text of the authority its certificates are from; null: publicly trusted */
  readonly ca: string | null;
  readonly rucio: LakeDoor;
  /** the transfer service; null: this lake shows none */
  readonly transfers: LakeDoor | null;
}
/** Where the lake is now; null: this platform has none. Throws Problem `unavailable` while it starts or is down. */
export type FindLake = () => Promise<LakeAddress | null>;
