/** The local driver's face for the command line; `main.ts` names the driver and its kits themselves. */
export { kitAt } from './enclosure.ts';
export { createLocalKits } from './kits/kits.ts';
export { probeLocal } from './probe/machine.ts';
