/** The room's public face. What a driver is given stands in `sandboxes/kept-homes.ts`. */
export { createHomeKeeper } from './keeper.ts';
export { openHomes } from './open.ts';
