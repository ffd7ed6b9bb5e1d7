/** The Kubernetes driver's face: `main.ts` loads it where the settings ask for it. */
export { createKubernetesDriver } from './driver.ts';
export { createClusterKits } from './kits.ts';
export { probeKubernetes } from './probe.ts';
export { drainNode } from './drain.ts';
