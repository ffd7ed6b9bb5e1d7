/** Which certificates a cluster needs, from whom and for what: pure. */
import type { ClusterPlace } from '../place.ts';

export type AuthorityName = 'ca' | 'etcd-ca' | 'front-ca';
export const AUTHORITIES: readonly { readonly name: AuthorityName; readonly subject: string }[] = [
  { name: 'ca', subject: 'kubernetes-ca' },
  { name: 'etcd-ca', subject: 'etcd-ca' },
  { name: 'front-ca', subject: 'front-proxy-ca' },
];

export interface WantedCertificate {
  readonly name: string;
  readonly authority: AuthorityName;
  /** user of the API, where it is a client's */
  readonly user: string;
  /** groups of the API */
  readonly group?: string;
  readonly for: 'server' | 'client' | 'both';
  readonly addresses?: readonly string[];
  readonly names?: readonly string[];
}

/** Those who ask the API server by a kubeconfig. */
export const CLIENTS = ['admin', 'kcm', 'scheduler', 'proxy', 'kubelet', 'kube-router'] as const;
export type ClientName = (typeof CLIENTS)[number];

const LOOPBACK = { addresses: ['127.0.0.1'], names: ['localhost'] };

export function wantedCertificates({ name, addresses }: ClusterPlace): readonly WantedCertificate[] {
  const { node, api } = addresses;
  const apiNames = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  return [
    { name: 'etcd', authority: 'etcd-ca', user: 'etcd', for: 'both', ...LOOPBACK },
    { name: 'etcd-client', authority: 'etcd-ca', user: 'kube-apiserver', for: 'client' },
    {
      name: 'apiserver',
      authority: 'ca',
      user: 'kube-apiserver',
      for: 'server',
      addresses: ['127.0.0.1', node, api],
      names: ['localhost', ...apiNames, 'kubernetes.default.svc.cluster.local'],
    },
    client('apiserver-kubelet', 'kube-apiserver-kubelet-client', 'system:masters'),
    { name: 'front-client', authority: 'front-ca', user: 'front-proxy-client', for: 'client' },
    {
      name: 'kubelet-server',
      authority: 'ca',
      user: `system:node:${name}`,
      group: 'system:nodes',
      for: 'server',
      addresses: [node, '127.0.0.1'],
      names: [name, 'localhost'],
    },
    { name: 'kcm-server', authority: 'ca', user: 'kube-controller-manager', for: 'server', ...LOOPBACK },
    { name: 'scheduler-server', authority: 'ca', user: 'kube-scheduler', for: 'server', ...LOOPBACK },
    client('admin', 'admin', 'system:masters'),
    client('kcm', 'system:kube-controller-manager'),
    client('scheduler', 'system:kube-scheduler'),
    client('proxy', 'system:kube-proxy'),
    client('kubelet', `system:node:${name}`, 'system:nodes'),
    client('kube-router', 'kube-router'),
  ];
}

function client(name: string, user: string, group?: string): WantedCertificate {
  return { name, authority: 'ca', user, for: 'client', ...(group === undefined ? {} : { group }) };
}

const USAGES = { server: 'serverAuth', client: 'clientAuth', both: 'serverAuth, clientAuth' } as const;

export function authorityRequest(subject: string): string {
  return [
    ...['[req]', 'prompt = no', 'distinguished_name = name', 'x509_extensions = extensions'],
    ...['[name]', `CN = ${subject}`, '[extensions]'],
    'basicConstraints = critical, CA:TRUE',
    'keyUsage = critical, keyCertSign, cRLSign, digitalSignature',
    'subjectKeyIdentifier = hash',
    '',
  ].join('\n');
}

export function certificateRequest(wanted: WantedCertificate): string {
  const names = (wanted.names ?? []).map((name) => `DNS:${name}`);
  const addresses = (wanted.addresses ?? []).map((address) => `IP:${address}`);
  const alternatives = [...addresses, ...names].join(', ');
  return [
    ...['[req]', 'prompt = no', 'distinguished_name = name', '[name]'],
    ...(wanted.group === undefined ? [] : [`O = ${wanted.group}`]),
    ...[`CN = ${wanted.user}`, '[extensions]', 'basicConstraints = critical, CA:FALSE'],
    'keyUsage = critical, digitalSignature',
    `extendedKeyUsage = ${USAGES[wanted.for]}`,
    'authorityKeyIdentifier = keyid',
    ...(alternatives === '' ? [] : [`subjectAltName = ${alternatives}`]),
    '',
  ].join('\n');
}
