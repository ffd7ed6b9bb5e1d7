import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chartWith, findHelm, manifestsOf } from './testing/helm.ts';
import type { Manifest } from './testing/helm.ts';

const helm = findHelm();
const Labels = z.record(z.string(), z.string());
/** as the Kubernetes driver labels its pods: sandbox-server/sandboxes/kubernetes/ */
const WARM = { 'app.kubernetes.io/name': 'palestra-sandbox', 'palestra.dev/kit': 'base', app: 'warm' };
const CLAIMED = { ...WARM, app: 'claimed', 'palestra.dev/lab': 'abcdefghij234567abcd' };

interface Selector {
  readonly of: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What picks pods by labels: workloads, services, budgets. NetworkPolicies may well pick the same pod twice. */
function selectorsOf(manifest: Manifest): Selector[] {
  const spec = z.looseObject({ selector: z.unknown() }).safeParse(manifest['spec']);
  if (!spec.success || spec.data.selector === undefined) return [];
  const nested = z.object({ matchLabels: Labels }).safeParse(spec.data.selector);
  const labels = nested.success ? nested.data.matchLabels : Labels.safeParse(spec.data.selector).data;
  if (labels === undefined || manifest.kind === 'ServiceMonitor') return [];
  return [
    {
      of: `${manifest.kind} ${manifest.metadata.name}`,
      namespace: manifest.metadata.namespace ?? '',
      labels,
    },
  ];
}
const picks = ({ labels }: Selector, pod: Readonly<Record<string, string>>) =>
  Object.entries(labels).every(([key, value]) => pod[key] === value);

describe.skipIf(helm === null)('selectors (finding 8)', () => {
  let manifests: readonly Manifest[] = [];
  let selectors: readonly Selector[] = [];
  beforeAll(async () => {
    manifests = manifestsOf(await chartWith(helm ?? '').template('cases/everything.yaml'));
    selectors = manifests.flatMap(selectorsOf);
  });

  it('are found at all', () => expect(selectors.length).toBeGreaterThanOrEqual(4));

  it('none but the budget picks a claimed sandbox: a ReplicaSet with a wider one deleted it in three seconds', () => {
    expect(selectors.filter((s) => picks(s, CLAIMED)).map((s) => s.of)).toEqual([
      'PodDisruptionBudget palestra-claimed',
    ]);
  });

  it('none picks a warm one', () => {
    expect(selectors.filter((s) => picks(s, WARM)).map((s) => s.of)).toEqual([]);
  });

  it('none is empty, which would pick everybody', () => {
    expect(selectors.filter((s) => Object.keys(s.labels).length === 0)).toEqual([]);
  });

  it("no workload of the chart stands in the sandboxes' namespace", () => {
    const there = manifests.filter(({ metadata }) => metadata.namespace === 'labs').map(({ kind }) => kind);
    expect(there).toEqual(expect.arrayContaining(['NetworkPolicy', 'ResourceQuota']));
    expect(
      there.filter((kind) => ['Deployment', 'StatefulSet', 'DaemonSet', 'Pod', 'Job'].includes(kind)),
    ).toEqual([]);
  });

  it("the server's own pods are picked by the server's own objects, all of the same release", () => {
    const own = { 'app.kubernetes.io/name': 'palestra-server', 'app.kubernetes.io/instance': 'palestra' };
    expect(selectors.filter((s) => picks(s, own)).map((s) => s.of)).toEqual(
      expect.arrayContaining(['Deployment palestra', 'Service palestra', 'PodDisruptionBudget palestra']),
    );
    expect(selectors.filter((s) => picks(s, { ...own, 'app.kubernetes.io/instance': 'other' }))).toEqual([]);
  });
});
