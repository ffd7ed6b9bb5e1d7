/** What `main.ts` needs of this room; other rooms import `face.ts`. */
export { createChecks } from './checks.ts';
export { shareChecks } from './shared-checks.ts';
