/** What other rooms may import of the store. */
export { openStore, type Store } from './open.ts';
export type * from './schema.ts';
