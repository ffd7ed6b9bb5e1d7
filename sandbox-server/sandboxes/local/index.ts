/** The local driver's public face, for `main.ts` and the command line. */
export { createLocalDriver } from './driver.ts';
export type { LocalDriverOptions } from './driver.ts';
export { createLocalKits } from './kits/kits.ts';
export type { LocalKits } from './kits/kits.ts';
export { findPlace } from './place.ts';
export { probeLocal } from './probe/machine.ts';
export { stopSandboxes } from './stop.ts';
