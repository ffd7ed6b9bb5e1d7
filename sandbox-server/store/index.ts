/** What other rooms may import of the store. */
export { openStore, type Notices, type Store } from './open.ts';
export { storePlace } from './place.ts';
export type * from './schema.ts';
export { isTaken } from './taken.ts';
