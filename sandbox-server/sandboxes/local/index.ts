/** The local driver's face for the command line; `main.ts` names the driver and its kits themselves. */
export { probeLocal } from './probe/machine.ts';
