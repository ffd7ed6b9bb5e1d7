/** Stages of a cluster's start, as `up` prints them, in their order. */
export type Stage =
  | 'packages'
  | 'binaries'
  | 'pki'
  | 'box'
  | 'containerd'
  | 'images'
  | 'etcd'
  | 'api'
  | 'control-plane'
  | 'node'
  | 'policies'
  | 'dns';

export const LABELS: Readonly<Record<Stage, string>> = {
  packages: 'Installing packages of the system',
  binaries: 'Building Kubernetes',
  pki: 'Making certificates',
  box: 'Opening the box',
  containerd: 'Starting containerd',
  images: 'Loading images',
  etcd: 'Starting etcd',
  api: 'Starting the API server',
  'control-plane': 'Starting controllers and scheduler',
  node: 'Joining the node',
  policies: 'Enforcing network policies',
  dns: 'Starting the cluster’s DNS',
};
