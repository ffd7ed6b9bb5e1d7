/** What `main.ts` and `cli/` need of this room; other rooms import `face.ts`. */
export { createChecks, type ChecksOptions } from './checks.ts';
export { applyEdit } from './edit.ts';
export { verdict, type Verdict } from './verdict.ts';
export { scriptFor } from './script.ts';
