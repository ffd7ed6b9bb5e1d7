/** The chart's objects on a real API server: taken, bounding, kept by an upgrade, gone at the end. Needs no image. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHelm, NO_HELM } from '../../../infra/chart/testing/helm.ts';
import { coldPod } from '../../../sandbox-server/sandboxes/kubernetes/objects/cold-pod.ts';
import type { PodSettings } from '../../../sandbox-server/sandboxes/kubernetes/objects/pod-template.ts';
import { pool } from '../../../sandbox-server/sandboxes/kubernetes/objects/pool.ts';
import { missing, openCluster, type Cluster, type Ran } from '../cluster/cluster.ts';
import { openRelease, type Release } from './release.ts';

const helm = findHelm();
const why = missing() ?? (helm === null ? NO_HELM : null);
const KIB = 1024;
const SETTINGS: PodSettings = {
  kit: 'base',
  image: 'localhost/palestra/base:000000000000',
  pullPolicy: 'Never',
  limits: { memory: KIB ** 3, disk: KIB ** 3, pids: 256, cpu: 1 },
  requests: { memory: 64 * KIB ** 2, cpu: 0.05 },
};
/** nothing of it is needed to run: no such image is anywhere */
const VALUES = {
  url: 'http://localhost:4747',
  image: { repository: 'localhost/palestra/none', tag: 'none', pullPolicy: 'Never' },
  server: { replicas: 1, host: '127.0.0.1' },
  secrets: { generate: true },
  database: { sqlite: true },
  sandboxes: { images: { base: SETTINGS.image }, pullPolicy: 'Never' },
  learnerNamespaces: { enabled: true, prefix: 'palestra-c-' },
};
/** of operators that this cluster does not have */
const FOREIGN = ['ServiceMonitor', 'PrometheusRule', 'HTTPRoute'];

describe.skipIf(why !== null)(`the chart on a cluster${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let cluster: Cluster;
  let release: Release;
  beforeAll(async () => {
    cluster = await openCluster();
    release = openRelease(cluster, helm ?? '', 'palestra-objects');
    // what a run that was cut left
    await release[Symbol.asyncDispose]();
    await release.install(VALUES);
  });
  afterAll(async () => {
    await release[Symbol.asyncDispose]();
  });

  const judged = (object: object, ...words: readonly string[]): Promise<Ran> =>
    cluster.kubectl(['create', '--dry-run=server', '-f', '-', ...words], { input: JSON.stringify(object) });
  const asServer = () => ['--as', release.account];
  const may = async (...words: readonly string[]): Promise<boolean> =>
    (await cluster.kubectl(['auth', 'can-i', ...words, ...asServer()])).stdout.trim() === 'yes';
  const cold = () =>
    coldPod({
      namespace: release.sandboxes,
      lab: 'abcdefghij234567abcd',
      settings: SETTINGS,
      now: 0,
      lifetime: 3600,
    });

  it.each(['cases/minimal.yaml', 'cases/usual.yaml', 'cases/everything.yaml', 'values-dev.yaml'])(
    '%s: every object is one that the API server takes',
    async (file) => {
      const text = await release.render(file);
      const ours = text
        .split(/^---\n/m)
        .filter((part) => !FOREIGN.some((kind) => part.includes(`\nkind: ${kind}\n`)));
      const { code, stderr } = await cluster.kubectl(
        [
          'apply',
          '--dry-run=server',
          '--server-side',
          '--force-conflicts',
          '--field-manager=test',
          '-f',
          '-',
        ],
        { input: ours.join('---\n') },
      );
      // what it warns of is wrong as well: unknown fields, CEL that fits no type
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    },
  );

  it('admission is type-checked by the API server without a warning', async () => {
    const text = await cluster.kubectlOk(['get', 'validatingadmissionpolicies', '-o', 'json']);
    const { items } = JSON.parse(text) as {
      items: { metadata: { name: string }; status?: { typeChecking?: { expressionWarnings?: object[] } } }[];
    };
    const ours = items.filter(({ metadata }) => metadata.name.startsWith('palestra-'));
    expect(ours.length).toBeGreaterThanOrEqual(1);
    const sandboxes = ours.find(({ metadata }) => metadata.name === 'palestra-sandbox-pods');
    expect(sandboxes?.status?.typeChecking?.expressionWarnings ?? []).toEqual([]);
  });

  it("the server's account may keep pools and make pods for labs, as the driver makes them", async () => {
    for (const object of [pool(release.sandboxes, SETTINGS, 2), cold()])
      expect((await judged(object, ...asServer())).stderr).toBe('');
  });

  /** [what, the field it must be refused by, change to the pod] */
  const spec = (over: object) => (pod: { spec: object }) => ({ ...pod, spec: { ...pod.spec, ...over } });
  const container = (over: object) => (pod: { spec: { containers?: object[] } }) =>
    spec({ containers: (pod.spec.containers ?? []).map((one) => ({ ...one, ...over })) })(pod);
  const volume =
    (source: object) =>
    (pod: { spec: { containers?: object[] } }): object =>
      spec({ volumes: [{ name: 'x', ...source }] })(container({ volumeMounts: [] })(pod));
  const REFUSED: readonly (readonly [string, RegExp, (pod: never) => object])[] = [
    ['T39 privileged', /privileged/, container({ securityContext: { privileged: true } })],
    ['T39 a folder of the node', /hostPath|volumes/, volume({ hostPath: { path: '/' } })],
    ['T39 the network of the node', /hostNetwork|host namespaces/, spec({ hostNetwork: true })],
    [
      'T39 SYS_ADMIN',
      /capabilities/,
      container({
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] },
        },
      }),
    ],
    [
      'T40 root',
      /runAsNonRoot|runAsUser/,
      spec({
        securityContext: { runAsUser: 0, runAsNonRoot: false, seccompProfile: { type: 'RuntimeDefault' } },
      }),
    ],
    [
      'T47 an image from elsewhere',
      /image: only images of localhost\/palestra\//,
      container({ image: 'evil.example.org/miner:1' }),
    ],
    [
      'T48 a token of the cluster',
      /automountServiceAccountToken/,
      spec({ automountServiceAccountToken: true }),
    ],
    ["somebody's secret", /spec\.volumes/, volume({ secret: { secretName: 'palestra' } })],
    [
      'a token as a volume',
      /spec\.volumes/,
      volume({ projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }),
    ],
    ['a node of its choice', /spec\.nodeName/, spec({ nodeName: 'palestra-2' })],
  ];
  it.each(REFUSED)(
    '%s: refused in the sandboxes’ namespace, naming the field, also to the server',
    async (_, field, change) => {
      const { code, stderr } = await judged(change(cold() as never), ...asServer());
      expect(code).not.toBe(0);
      expect(stderr).toMatch(field);
    },
  );
  it('T47 a pool of such an image is refused at once, and not only its pods', async () => {
    const { stderr } = await judged(
      pool(release.sandboxes, { ...SETTINGS, image: 'evil.example.org/x:1' }, 1),
      ...asServer(),
    );
    expect(stderr).toContain('image: only images of localhost/palestra/');
  });

  it('T51 may what the driver does', async () => {
    for (const verb of ['get', 'list', 'watch', 'create', 'patch', 'delete'])
      for (const kind of ['pods', 'deployments.apps'])
        expect([verb, kind, await may(verb, kind, '-n', release.sandboxes)]).toEqual([verb, kind, true]);
    expect(await may('patch', 'configmaps/palestra-ticket-keys', '-n', release.sandboxes)).toBe(true);
  });
  it.each([
    ['get', 'secrets', '-n', 'OWN'],
    ['get', 'secrets', '-n', 'SANDBOXES'],
    ['create', 'pods', '-n', 'OWN'],
    ['create', 'pods', '-n', 'kube-system'],
    ['create', 'pods', '--subresource=exec', '-n', 'SANDBOXES'],
    ['create', 'secrets', '-n', 'SANDBOXES'],
    ['patch', 'configmaps/kube-root-ca.crt', '-n', 'SANDBOXES'],
    ['create', 'serviceaccounts', '--subresource=token', '-n', 'SANDBOXES'],
    ['create', 'serviceaccounts', '--subresource=token', '-n', 'kube-system'],
    ['delete', 'resourcequotas', '-n', 'SANDBOXES'],
    ['create', 'clusterrolebindings'],
    ['escalate', 'clusterroles'],
    ['bind', 'clusterroles/cluster-admin'],
    ['get', 'nodes'],
    ['impersonate', 'users'],
  ])('T51 may not: %s %s %s', async (...words) => {
    const named = words.map(
      (word) => ({ OWN: release.namespace, SANDBOXES: release.sandboxes })[word] ?? word,
    );
    expect(await may(...named)).toBe(false);
  });
  it('T51 an account among sandboxes may nothing at all', async () => {
    for (const account of ['default', 'palestra-sandbox']) {
      const as = `system:serviceaccount:${release.sandboxes}:${account}`;
      const said = await cluster.kubectl([
        'auth',
        'can-i',
        'get',
        'pods',
        '-n',
        release.sandboxes,
        '--as',
        as,
      ]);
      expect(said.stdout.trim()).toBe('no');
    }
  });

  it('an upgrade keeps the keys, and what the server wrote', async () => {
    const read = () =>
      cluster.kubectlOk([
        'get',
        'secret',
        `${release.namespace}-keys`,
        '-n',
        release.namespace,
        '-o',
        'jsonpath={.data}',
      ]);
    const words = ['configmap', 'palestra-ticket-keys', '-n', release.sandboxes];
    await cluster.kubectlOk([
      'patch',
      ...words,
      '--type=merge',
      '-p',
      '{"data":{"current.pem":"KEY"}}',
      ...asServer(),
    ]);
    const before = await read();
    await release.upgrade({ ...VALUES, warm: { base: 3 }, config: { keepDays: 3 } });
    expect(await read()).toBe(before);
    expect(await cluster.kubectlOk(['get', ...words, '-o', 'jsonpath={.data}'])).toBe(
      '{"current.pem":"KEY"}',
    );
    const settings = (await release.manifests()).find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.namespace === release.namespace,
    );
    expect(JSON.stringify(settings)).toContain('keepDays: 3');
    expect(await release.notes()).toContain('DEVELOPMENT KEYS');
  });

  it('a value that does not fit leaves the release as it is', async () => {
    await expect(release.upgrade({ ...VALUES, server: { replicas: 2, host: '127.0.0.1' } })).rejects.toThrow(
      'set server.replicas to 1',
    );
    expect(await release.notes()).toContain('kubectl -n palestra-objects port-forward');
  });

  it('uninstall leaves the namespace that Helm made, and nothing in it or beside it', async () => {
    const made = await release.manifests();
    await release.uninstall();
    const gone = await Promise.all(
      made.map(async ({ kind, metadata }) => {
        const where = metadata.namespace === undefined ? [] : ['-n', metadata.namespace];
        const found = await cluster.kubectlOk([
          'get',
          kind,
          metadata.name,
          ...where,
          '--ignore-not-found',
          '-o',
          'name',
        ]);
        return found === '' ? null : `${kind} ${metadata.name}`;
      }),
    );
    expect(gone.filter((left) => left !== null && left !== `Namespace ${release.sandboxes}`)).toEqual([]);
    const left = await cluster.kubectlOk([
      'get',
      'all,secrets,configmaps,pdb,networkpolicies',
      '-n',
      release.namespace,
      '-o',
      'name',
    ]);
    expect(left.trim().split('\n')).toEqual(['configmap/kube-root-ca.crt']);
  });
});
