/** The room's public face. What a driver is given stands in `sandboxes/kept-homes.ts`. */
export { createHomes, type Homes, type HomesOptions } from './homes.ts';
export { createHomeKeeper, type HomeKeeper, type HomeKeeperOptions } from './keeper.ts';
export { openFolder } from './objects/folder.ts';
export type { ObjectStore } from './objects/object-store.ts';
