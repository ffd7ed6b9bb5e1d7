/** What a person gets from values-dev.yaml: the portal through a port-forward, and a lab that is a pod. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHelm, NO_HELM } from '../../../infra/chart/testing/helm.ts';
import { ours } from '../../bench/terminals.ts';
import { learner } from '../../world/learner.ts';
import { freePort } from '../../world/server.ts';
import { missing, openCluster, type Cluster } from '../cluster/cluster.ts';
import { until } from '../until.ts';
import { portForward } from './forward.ts';
import { loadImages } from './images.ts';
import { openRelease, type Release } from './release.ts';
import { devValues, imageValue } from './values.ts';

const helm = findHelm();
const why = missing() ?? (helm === null ? NO_HELM : null);

describe.skipIf(why !== null)(`the portal of a release${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let cluster: Cluster;
  let release: Release;
  let url = '';
  let values: object = {};
  const way = new AsyncDisposableStack();
  const pods = async (selector: string): Promise<string[]> => {
    const words = ['get', 'pods', '-n', release.sandboxes, '-l', selector, '-o', 'name'];
    return (await cluster.kubectlOk(words)).split('\n').filter(Boolean);
  };

  beforeAll(async () => {
    cluster = await openCluster();
    const images = await loadImages(cluster, ['server', 'base']);
    const port = await freePort();
    url = `http://localhost:${port}`;
    const dev = await devValues();
    values = {
      ...dev,
      url,
      image: imageValue(images['server']),
      sandboxes: { ...dev.sandboxes, images: { base: images['base'] } },
      learnerNamespaces: { enabled: true, prefix: 'palestra-c-' },
    };
    release = openRelease(cluster, helm ?? '', 'palestra-portal');
    // what a run that was cut left
    await release[Symbol.asyncDispose]();
    way.use(release);
    await release.install(values, '--wait', '--timeout', '3m');
    const forward = {
      kubeconfig: cluster.kubeconfig,
      namespace: release.namespace,
      what: 'deploy/palestra-portal',
    };
    way.use(await portForward({ ...forward, ports: [`${port}:${port}`] }));
  }, 1_200_000);
  afterAll(() => way.disposeAsync());

  it('answers: it is ready, and has the pages', async () => {
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await (await fetch(url)).text()).toContain('Palestra');
  });

  it('keeps a sandbox warm, as a pod with nothing of a learner in it', async () => {
    const warm = await until(
      () => pods('app=warm'),
      (found) => found.length === 1,
      90_000,
    );
    const labels = await cluster.kubectlOk([
      'get',
      '-n',
      release.sandboxes,
      ...warm,
      '-o',
      'jsonpath={.metadata.labels}',
    ]);
    expect(labels).not.toContain('palestra.dev/lab');
  });

  it('T40 T48 a lab is that pod: a terminal in it, as nobody in particular and without a token of the cluster', async () => {
    const ada = await learner(url, 'ada');
    const lab = await ada.start('first-steps', '1-how-a-lab-works');
    expect(await pods(`app=claimed,palestra.dev/lab=${lab.id}`)).toHaveLength(1);
    const terminal = await ours(url, ada, lab.id, '1');
    terminal.type('id -u; ls /var/run/secrets/kubernetes.io; touch /x; echo "over"$((40+2))\n');
    await terminal.until(() => terminal.plain.includes('over42'), 'the last word');
    expect(terminal.plain).toMatch(/\b1000\b/);
    expect(terminal.plain).toMatch(/kubernetes\.io.*No such file/);
    expect(terminal.plain).toMatch(/Read-only file system/);
    terminal.socket.terminate();
  });

  it('an upgrade makes a new server and more warm sandboxes; with its SQLite the labs are gone, and so are their pods', async () => {
    expect(await pods('app=claimed')).toHaveLength(1);
    await release.upgrade({ ...values, warm: { base: 2 } }, '--wait', '--timeout', '3m');
    await until(
      async () => ({ claimed: (await pods('app=claimed')).length, warm: (await pods('app=warm')).length }),
      ({ claimed, warm }) => claimed === 0 && warm === 2,
      120_000,
    );
  });

  it('uninstall ends sandboxes, too', async () => {
    await release.uninstall();
    await until(
      () => cluster.kubectlOk(['get', 'namespaces', '-o', 'name']),
      (names) => !names.includes(release.sandboxes),
      120_000,
    );
  });
});
