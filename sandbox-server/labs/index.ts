/** What `main.ts` needs of this room; other rooms import `face.ts`. */
export { createLabs } from './labs.ts';
export { lendServices } from './lent-services.ts';
export { needsOf } from './token-needs.ts';
export { tokenNames } from './token-renewal.ts';
export type { LabsConfig, LabsOptions } from './context.ts';
