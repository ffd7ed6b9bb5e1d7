/** What main.ts and the command may import of this room. */
export type { Access } from './access.ts';
export { connectCluster, type Cluster } from './cluster/cluster.ts';
export { createLabAccess } from './lab-access.ts';
export type { Ahead, LabAccess, Learner, Namespaces, Prepared, Stuck, Swept } from './face.ts';
export { createNamespaces, type NamespacesOptions } from './namespaces.ts';
