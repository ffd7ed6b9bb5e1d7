/** What the parts of this room share. */
import type { HomeBounds } from '../contract/agent.ts';
import type { Log } from '../telemetry/index.ts';
import type { ObjectStore } from './objects/object-store.ts';
import type { Records } from './records.ts';

export interface HomesContext {
  readonly objects: ObjectStore;
  readonly records: Records;
  readonly log: Log;
  readonly clock: () => number;
  readonly bounds: HomeBounds;
  /** copies of a home that are kept */
  readonly keep: number;
  /** how long a sandbox waits to be ended for a store that is away, ms */
  readonly patienceMs: number;
  /** a stream that has not moved for so long is given up, ms */
  readonly stallMs: number;
  /** how old an object of an unknown lab is before it goes, ms */
  readonly graceMs: number;
}
