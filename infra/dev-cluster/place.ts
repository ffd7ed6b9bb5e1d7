/**
 * Names, folders and addresses of one cluster: pure. A machine may hold several, told apart by their number: 1 is the
 * checkout's own, 2 the tests'.
 */
import { join } from 'node:path';

export const OWN_NUMBER = 1;
/** pods are in 10.(100+n), services in 10.(200+n): both must stay below 256 and apart */
export const LAST_NUMBER = 50;

/** pki: keys (0700); etc: configuration; log: everybody's; data: etcd, images, volumes; run: what a start leaves. */
type FolderName = 'pki' | 'etc' | 'log' | 'data' | 'run';
const FOLDERS: readonly FolderName[] = ['pki', 'etc', 'log', 'data', 'run'];

export interface Addresses {
  /** of the machine, as the node and its pods see it */
  readonly host: string;
  /** of the node: API server, kubelet, node ports */
  readonly node: string;
  readonly link: string;
  readonly pods: string;
  readonly services: string;
  /** `kubernetes.default` */
  readonly api: string;
  readonly dns: string;
}

export interface ClusterPlace {
  readonly number: number;
  /** node, interface on the machine and cgroup bear it */
  readonly name: string;
  readonly root: string;
  readonly folders: Readonly<Record<FolderName, string>>;
  readonly addresses: Addresses;
  /** `https://…:6443` */
  readonly api: string;
  /** 0600: whoever reads it is administrator */
  readonly kubeconfig: string;
  readonly containerdSocket: string;
  readonly supervisorSocket: string;
  /** built binaries, for all clusters of this person */
  readonly cache: string;
}

export interface PlaceOptions {
  readonly root: string;
  readonly number: number;
  readonly cache: string;
}

export function clusterPlace({ root, number, cache }: PlaceOptions): ClusterPlace {
  const addresses = addressesOf(number);
  return {
    number,
    name: `palestra-${number}`,
    root,
    cache,
    folders: Object.fromEntries(FOLDERS.map((name) => [name, join(root, name)])) as Record<
      FolderName,
      string
    >,
    addresses,
    api: `https://${addresses.node}:6443`,
    kubeconfig: join(root, 'admin.kubeconfig'),
    containerdSocket: join(root, 'containerd.sock'),
    supervisorSocket: join(root, 'supervisor.sock'),
  };
}

/** @throws RangeError for a number that leaves no room for pods and services */
export function addressesOf(number: number): Addresses {
  if (!Number.isInteger(number) || number < 1 || number > LAST_NUMBER)
    throw new RangeError(`A cluster's number is 1 to ${LAST_NUMBER}, and not ${number}.`);
  return {
    host: `10.98.${number}.1`,
    node: `10.98.${number}.2`,
    link: `10.98.${number}.0/24`,
    pods: `10.${100 + number}.0.0/16`,
    services: `10.${200 + number}.0.0/16`,
    api: `10.${200 + number}.0.1`,
    dns: `10.${200 + number}.0.10`,
  };
}
