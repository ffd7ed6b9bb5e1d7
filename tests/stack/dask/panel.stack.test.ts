/**
 * The last part of the Dask lesson on the cluster, in a real Chromium against pods: JupyterLab in the sandbox, its Dask
 * panel in a preview, *+ NEW* pressed, and a DaskCluster of the learner's own namespace in the panel's list.
 */
import type { FrameLocator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findHelm, NO_HELM } from '../../../infra/chart/testing/helm.ts';
import { enter, labPage, type LabPage } from '../../journeys/lab-page.ts';
import { openBrowser } from '../../world/browser.ts';
import { freePort } from '../../world/server.ts';
import { portForward } from '../chart/forward.ts';
import { loadImages } from '../chart/images.ts';
import { openRelease, type Release } from '../chart/release.ts';
import { devValues, imageValue } from '../chart/values.ts';
import { missing, openCluster, type Cluster } from '../cluster/cluster.ts';

const helm = findHelm();
const why = missing() ?? (helm === null ? NO_HELM : null);
const NAME = 'palestra-panel';
const PREFIX = 'palestra-p-';
const LESSON = 'dask/5-cluster';
/** imports of Dask and JupyterLab, in pods that share two cores */
const PATIENCE = { timeout: 240_000, interval: 500 } as const;

describe.skipIf(why !== null)('Dask’s panel in JupyterLab', () => {
  const way = new AsyncDisposableStack();
  let cluster: Cluster;
  let release: Release;
  let url: string;
  let lab: LabPage;
  let jupyter: FrameLocator;

  beforeAll(async () => {
    cluster = await openCluster();
    const { server, dask = '' } = await loadImages(cluster, ['server', 'dask']);
    const port = await freePort();
    url = `http://localhost:${port}`;
    release = way.use(openRelease(cluster, helm ?? '', NAME));
    // what a run that was cut left
    await release[Symbol.asyncDispose]();
    await release.install(await values(server, dask), '--wait', '--timeout', '4m');
    const { kubeconfig } = cluster;
    const to = { kubeconfig, namespace: release.namespace, what: `deploy/${NAME}` };
    way.use(await portForward({ ...to, ports: [`${port}:${port}`] }));
    const browser = way.adopt(await openBrowser(), (b) => b.close());
    lab = await labPage(await browser.newContext({ viewport: { width: 1440, height: 900 } }));
  }, 1_200_000);
  afterAll(() => way.disposeAsync(), 240_000);
  let pictured = 0;
  afterEach(async () => {
    const folder = process.env['PALESTRA_PICTURES'];
    if (folder !== undefined) await lab.page.screenshot({ path: `${folder}/panel-${++pictured}.png` });
  });

  async function values(server: string | undefined, dask: string): Promise<object> {
    const dev = await devValues();
    return {
      ...dev,
      url,
      image: imageValue(server),
      warm: { dask: 1 },
      sandboxes: { ...dev.sandboxes, images: { dask } },
      learnerNamespaces: { enabled: true, prefix: PREFIX },
      dask: { operator: { enabled: true } },
    };
  }
  /** of the learner's DaskClusters, their names */
  const daskClusters = () =>
    cluster.kubectlOk(['get', 'daskclusters', '-A', '-o', 'jsonpath={.items[*].metadata.name}']);

  it('a lab opens as a pod, with a namespace beside it', async () => {
    await enter(lab, url, LESSON, 'dora', PATIENCE);
    const step = lab.step('describe-a-cluster');
    await step.press('Insert');
    await step.says('and saved');
    await step.press('Run');
    await step.is('done');
  });

  it('JupyterLab comes up in the sandbox, and its preview is shown in the workspace', async () => {
    const step = lab.step('the-same-from-jupyterlab');
    await step.press('Run');
    await step.says('Run again');
    await step.press('Insert');
    await step.says('and saved');
    await step.press('Run');
    await lab.page.getByRole('tab', { name: /JupyterLab :8890/ }).click(PATIENCE);
    jupyter = lab.page.frameLocator('iframe[title="JupyterLab :8890"]');
    await jupyter.locator('#jp-main-dock-panel').waitFor(PATIENCE);
  });

  it('Dask’s sign opens the panel, + NEW makes a cluster of pods, and the step turns green', async () => {
    await jupyter.getByRole('tab', { name: /dask/i }).click(PATIENCE);
    await jupyter.getByRole('button', { name: /NEW/ }).click(PATIENCE);
    const listed = jupyter.locator('.dask-ClusterListingItem');
    await listed.first().waitFor(PATIENCE);
    await expect.poll(daskClusters, PATIENCE).toBe('panel');
    const step = lab.step('the-same-from-jupyterlab');
    await step.press('Check now');
    await expect.poll(() => step.at.getAttribute('data-state'), PATIENCE).toBe('done');
    await expect.poll(() => listed.innerText(), PATIENCE).toMatch(/Number of Workers:\s*2/);
  });

  it('Shutdown ends its pods', async () => {
    await jupyter.getByRole('button', { name: /SHUTDOWN/i }).click(PATIENCE);
    await expect.poll(daskClusters, PATIENCE).toBe('');
    expect(lab.errors).toEqual([]);
  });
});
