/** Whoever looks: what labs know a person by (the relay has no arrow to identity). */
import type { Labs } from '../labs/face.ts';

export type Viewer = Parameters<Labs['open']>[0];
