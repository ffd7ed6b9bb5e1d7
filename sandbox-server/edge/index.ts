/** The edge's public face. */
export { createEdge } from './create-edge.ts';
export type { Edge, EdgeOptions, Route } from './create-edge.ts';
export { closeCodeOf } from './problems.ts';
