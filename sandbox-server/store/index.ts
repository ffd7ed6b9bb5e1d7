/** What other rooms may import of the store. */
export { openStore, type Notices, type Store } from './open.ts';
export type * from './schema.ts';
