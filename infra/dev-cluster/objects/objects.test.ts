import { describe, expect, it } from 'vitest';
import { addressesOf } from '../place.ts';
import { corefile } from './coredns.ts';
import { clusterObjects } from './objects.ts';

const list = clusterObjects(addressesOf(2), { coredns: 'localhost/palestra/coredns:abc' }) as {
  items: { kind: string; metadata: { name: string; namespace?: string }; spec?: Record<string, unknown> }[];
};
const found = (kind: string, name: string) =>
  list.items.find((item) => item.kind === kind && item.metadata.name === name);

describe('objects of the cluster', () => {
  it('are in kube-system or in no namespace: charts and tests make their own', () => {
    expect(new Set(list.items.map(({ metadata }) => metadata.namespace))).toEqual(
      new Set([undefined, 'kube-system']),
    );
  });

  it('serve names at the address that kubelet tells pods', () =>
    expect(found('Service', 'kube-dns')?.spec).toMatchObject({
      clusterIP: '10.202.0.10',
      ports: [
        { port: 53, targetPort: 1053, protocol: 'UDP' },
        { port: 53, targetPort: 1053, protocol: 'TCP' },
      ],
    }));

  it('run as nobody, read-only, without capabilities, from an image that is not pulled', () =>
    expect(found('Deployment', 'coredns')?.spec).toMatchObject({
      template: {
        spec: {
          securityContext: { runAsNonRoot: true },
          containers: [
            {
              image: 'localhost/palestra/coredns:abc',
              imagePullPolicy: 'Never',
              securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      },
    }));

  it('the enforcer of policies reads and does nothing else', () => {
    const { rules } = found('ClusterRole', 'kube-router') as unknown as { rules: { verbs: string[] }[] };
    for (const { verbs } of rules) expect(verbs).toEqual(['get', 'list', 'watch']);
  });
});

it('a Corefile answers zone by zone, and says of any other name that it is not', () => {
  const text = corefile(addressesOf(2));
  expect(text).toContain('10.98.2.1 host.palestra.test');
  const rest = text.slice(text.indexOf('\n.:1053'));
  expect(rest).toContain('rcode NXDOMAIN');
  expect(rest).not.toContain('kubernetes');
});
