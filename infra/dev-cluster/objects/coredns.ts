/** The cluster's DNS as objects: pure. A pod has no way out of the box, so a name from outside is said not to be. */
import type { Addresses } from '../place.ts';

/** a pod may not listen below 1024 without the capability; policies name this port, not 53 */
const DNS_PORT = 1053;
const NAME = 'coredns';
const LABELS = { 'k8s-app': 'kube-dns' };

/** Blocks by zone: CoreDNS asks its plugins in an order of its own, and `template` before `hosts` and `kubernetes`. */
export function corefile({ host }: Pick<Addresses, 'host'>): string {
  const zones = ['cluster.local', 'in-addr.arpa', 'ip6.arpa'];
  return `${zones.map((zone) => `${zone}:${DNS_PORT}`).join(' ')} {
  errors
  kubernetes ${zones.join(' ')} {
    pods insecure
    ttl 30
  }
  cache 30
}
palestra.test:${DNS_PORT} {
  errors
  hosts {
    ${host} host.palestra.test
  }
}
.:${DNS_PORT} {
  errors
  health :8080 {
    lameduck 2s
  }
  ready :8181
  template ANY ANY . {
    rcode NXDOMAIN
  }
}
`;
}

export function corednsObjects(addresses: Addresses, image: string): readonly object[] {
  const metadata = { name: NAME, namespace: 'kube-system' };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'system:coredns' },
      rules: [
        { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'system:coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' },
      subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: 'kube-system' }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile(addresses) } },
    deployment(image),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels: LABELS },
      spec: {
        clusterIP: addresses.dns,
        selector: LABELS,
        ports: [
          { name: 'dns', port: 53, targetPort: DNS_PORT, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, targetPort: DNS_PORT, protocol: 'TCP' },
        ],
      },
    },
  ];
}

function deployment(image: string): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME, namespace: 'kube-system', labels: LABELS },
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: podSpec(image) },
    },
  };
}

function podSpec(image: string): object {
  return {
    serviceAccountName: NAME,
    dnsPolicy: 'Default',
    priorityClassName: 'system-cluster-critical',
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: NAME,
        image,
        imagePullPolicy: 'Never',
        command: ['/coredns', '-conf', '/etc/coredns/Corefile'],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
        resources: { requests: { cpu: '20m', memory: '40Mi' }, limits: { memory: '170Mi' } },
        volumeMounts: [{ name: 'corefile', mountPath: '/etc/coredns' }],
      },
    ],
    volumes: [{ name: 'corefile', configMap: { name: NAME } }],
  };
}
