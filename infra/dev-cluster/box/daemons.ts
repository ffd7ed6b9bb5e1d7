/** The words that start each program of the node, and how it is asked whether it is ready. Pure but for asking. */
import { join } from 'node:path';
import type { Binaries } from '../binaries/binaries.ts';
import type { ClusterPlace } from '../place.ts';

export interface Daemon {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** ready when this answers 200; `socket`: when somebody listens there */
  readonly ready: { readonly url: string } | { readonly socket: string };
}

export type DaemonName =
  | 'containerd'
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy'
  | 'kube-router';

export function daemonsOf(place: ClusterPlace, binaries: Binaries): Readonly<Record<DaemonName, Daemon>> {
  const at = filesOf(place);
  return {
    containerd: {
      name: 'containerd',
      argv: ['containerd', '-c', at.etc('containerd.toml')],
      ready: { socket: place.containerdSocket },
    },
    etcd: etcd(place, binaries),
    'kube-apiserver': apiServer(place, binaries),
    'kube-controller-manager': controllerManager(place, binaries),
    'kube-scheduler': {
      name: 'kube-scheduler',
      argv: [
        ...[binaries.kube, 'kube-scheduler', '--config', at.etc('scheduler.json')],
        ...asking(at.etc('scheduler.kubeconfig')),
        ...serving('scheduler', at),
      ],
      ready: { url: 'https://127.0.0.1:10259/healthz' },
    },
    kubelet: {
      name: 'kubelet',
      argv: [
        ...[binaries.kube, 'kubelet', '--config', at.etc('kubelet.json')],
        ...['--kubeconfig', at.etc('kubelet.kubeconfig'), '--root-dir', at.data('kubelet')],
        ...['--cert-dir', at.data('kubelet/pki')],
        ...['--hostname-override', place.name, '--node-ip', place.addresses.node],
      ],
      ready: { url: 'http://127.0.0.1:10248/healthz' },
    },
    'kube-proxy': {
      name: 'kube-proxy',
      argv: [binaries.kube, 'kube-proxy', '--config', at.etc('proxy.json')],
      ready: { url: 'http://127.0.0.1:10256/healthz' },
    },
    'kube-router': router(place, binaries),
  };
}

interface Files {
  etc(name: string): string;
  pki(name: string): string;
  data(name: string): string;
  log(name: string): string;
}
function filesOf({ folders }: ClusterPlace): Files {
  return {
    etc: (name) => join(folders.etc, name),
    pki: (name) => join(folders.pki, name),
    data: (name) => join(folders.data, name),
    log: (name) => join(folders.log, name),
  };
}

function etcd(place: ClusterPlace, { etcd }: Binaries): Daemon {
  const at = filesOf(place);
  const client = 'https://127.0.0.1:2379';
  const peer = 'http://127.0.0.1:2380';
  return {
    name: 'etcd',
    argv: [
      ...[etcd, '--name', place.name, '--data-dir', at.data('etcd')],
      ...['--listen-client-urls', client, '--advertise-client-urls', client],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', `${place.name}=${peer}`, '--client-cert-auth'],
      ...['--trusted-ca-file', at.pki('etcd-ca.crt')],
      ...['--cert-file', at.pki('etcd.crt'), '--key-file', at.pki('etcd.key')],
      ...['--listen-metrics-urls', 'http://127.0.0.1:2381'],
      // old revisions go after five minutes: a cluster of tests writes much and lives long
      ...['--auto-compaction-retention', '5m', '--logger', 'zap', '--log-level', 'warn'],
    ],
    ready: { url: 'http://127.0.0.1:2381/health' },
  };
}

const ISSUER = 'https://kubernetes.default.svc.cluster.local';

function apiServer(place: ClusterPlace, { kube }: Binaries): Daemon {
  const at = filesOf(place);
  return {
    name: 'kube-apiserver',
    argv: [
      ...[kube, 'kube-apiserver', '--advertise-address', place.addresses.node],
      ...['--bind-address', '0.0.0.0', '--secure-port', '6443', '--etcd-servers', 'https://127.0.0.1:2379'],
      ...['--etcd-cafile', at.pki('etcd-ca.crt')],
      ...['--etcd-certfile', at.pki('etcd-client.crt'), '--etcd-keyfile', at.pki('etcd-client.key')],
      ...['--tls-cert-file', at.pki('apiserver.crt'), '--tls-private-key-file', at.pki('apiserver.key')],
      ...['--client-ca-file', at.pki('ca.crt')],
      ...['--kubelet-client-certificate', at.pki('apiserver-kubelet.crt')],
      ...['--kubelet-client-key', at.pki('apiserver-kubelet.key')],
      ...['--kubelet-certificate-authority', at.pki('ca.crt')],
      ...['--kubelet-preferred-address-types', 'InternalIP,Hostname'],
      ...aggregation(at),
      ...['--service-cluster-ip-range', place.addresses.services, '--service-node-port-range', '30000-32767'],
      ...['--allow-privileged=true', '--authorization-mode', 'Node,RBAC'],
      ...['--enable-admission-plugins', 'NodeRestriction'],
      ...['--admission-control-config-file', at.etc('admission.json')],
      ...['--authentication-config', at.etc('authentication.json')],
      ...['--service-account-issuer', ISSUER, '--api-audiences', ISSUER],
      ...['--service-account-key-file', at.pki('sa.pub')],
      ...['--service-account-signing-key-file', at.pki('sa.key')],
      ...['--audit-policy-file', at.etc('audit.json'), '--audit-log-path', at.log('audit.jsonl')],
      ...['--audit-log-maxsize', '100', '--audit-log-maxbackup', '2'],
      ...['--profiling=false', '--event-ttl', '1h', '-v', '1'],
    ],
    ready: { url: 'https://127.0.0.1:6443/readyz' },
  };
}

function aggregation(at: Files): readonly string[] {
  return [
    ...['--requestheader-client-ca-file', at.pki('front-ca.crt')],
    ...['--requestheader-allowed-names', 'front-proxy-client'],
    ...['--requestheader-username-headers', 'X-Remote-User'],
    ...['--requestheader-group-headers', 'X-Remote-Group'],
    ...['--requestheader-extra-headers-prefix', 'X-Remote-Extra-'],
    ...['--proxy-client-cert-file', at.pki('front-client.crt')],
    ...['--proxy-client-key-file', at.pki('front-client.key'), '--enable-aggregator-routing=true'],
  ];
}

function controllerManager(place: ClusterPlace, { kube }: Binaries): Daemon {
  const at = filesOf(place);
  return {
    name: 'kube-controller-manager',
    argv: [
      ...[kube, 'kube-controller-manager', '--kubeconfig', at.etc('kcm.kubeconfig')],
      ...asking(at.etc('kcm.kubeconfig')),
      ...serving('kcm', at),
      ...['--leader-elect=false', '--use-service-account-credentials=true'],
      ...['--service-account-private-key-file', at.pki('sa.key'), '--root-ca-file', at.pki('ca.crt')],
      ...['--cluster-signing-cert-file', at.pki('ca.crt'), '--cluster-signing-key-file', at.pki('ca.key')],
      // kube-router waits for the node's part of it (trap 9)
      ...[
        '--allocate-node-cidrs=true',
        '--cluster-cidr',
        place.addresses.pods,
        '--node-cidr-mask-size',
        '24',
      ],
      ...['--service-cluster-ip-range', place.addresses.services],
      ...['--flex-volume-plugin-dir', at.data('kubelet/volume-plugins')],
      ...['--kube-api-qps', '200', '--kube-api-burst', '400', '--profiling=false', '-v', '1'],
    ],
    ready: { url: 'https://127.0.0.1:10257/healthz' },
  };
}

function asking(kubeconfig: string): readonly string[] {
  return ['--authentication-kubeconfig', kubeconfig, '--authorization-kubeconfig', kubeconfig];
}

function serving(name: string, at: Files): readonly string[] {
  return [
    ...['--bind-address', '127.0.0.1', '--tls-cert-file', at.pki(`${name}-server.crt`)],
    ...['--tls-private-key-file', at.pki(`${name}-server.key`)],
  ];
}

function router(place: ClusterPlace, binaries: Binaries): Daemon {
  return {
    name: 'kube-router',
    argv: [
      ...[binaries['kube-router'], '--kubeconfig', join(place.folders.etc, 'kube-router.kubeconfig')],
      ...['--hostname-override', place.name, '--run-router=false', '--run-service-proxy=false'],
      ...['--run-firewall=true', '--service-cluster-ip-range', place.addresses.services],
      ...['--service-node-port-range', '30000-32767'],
      // without it a new pod was open for 0.13 to 0.93 s (trap 8)
      '--netpol-default-deny=true',
      ...['--health-port', '20244', '--metrics-port', '0'],
    ],
    ready: { url: 'http://127.0.0.1:20244/healthz' },
  };
}
