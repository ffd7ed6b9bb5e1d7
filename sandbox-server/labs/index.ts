/** What `main.ts` needs of this room; other rooms import `face.ts`. */
export { createLabs } from './labs.ts';
export type { LabsConfig, LabsOptions } from './context.ts';
