/** What main.ts may import of replicas; other rooms' types are in `face.ts`. */
export { agreeOn } from './agreement.ts';
export { alone } from './alone.ts';
export { joinReplicas } from './join.ts';
