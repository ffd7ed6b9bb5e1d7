/** What a box is told when it is opened: one file, whose text also says whether a running box is still the one wanted. */
import type { Binaries } from '../binaries/binaries.ts';
import type { ClusterPlace } from '../place.ts';

export interface BoxImage {
  readonly reference: string;
  /** an OCI archive */
  readonly archive: string;
}

export interface BoxWords {
  readonly place: ClusterPlace;
  readonly binaries: Binaries;
  readonly images: readonly BoxImage[];
  /** objects of the cluster itself, applied at each start */
  readonly objects: string;
  /** of everything that a start depends on */
  readonly revision: string;
}
