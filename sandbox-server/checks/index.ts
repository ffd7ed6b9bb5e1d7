/** What `main.ts` needs of this room; other rooms import `face.ts`. */
export { openLearning } from './learning.ts';
