/** The portal with the chart's own lake: a lab that is a pod uploads a file, and has it copied between two elements. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHelm, NO_HELM } from '../../../infra/chart/testing/helm.ts';
import type { Lab } from '../../../sandbox-server/contract/lab.ts';
import { ours } from '../../bench/terminals.ts';
import { learner, type Learner } from '../../world/learner.ts';
import { freePort } from '../../world/server.ts';
import { missing, openCluster } from '../cluster/cluster.ts';
import { portForward } from './forward.ts';
import { loadImages } from './images.ts';
import { openRelease } from './release.ts';
import { devValues, imageValue } from './values.ts';

const NAME = 'palestra-lake-portal';
const helm = findHelm();
const why = missing() ?? (helm === null ? NO_HELM : null);

describe.skipIf(why !== null)(`the lake beside the portal${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let url = '';
  let ada: Learner;
  let lab: Lab;
  const way = new AsyncDisposableStack();

  beforeAll(async () => {
    const cluster = await openCluster();
    const images = await loadImages(cluster, ['server', 'lake', 'data-lake']);
    const port = await freePort();
    url = `http://localhost:${port}`;
    const release = openRelease(cluster, helm ?? '', NAME);
    // what a run that was cut left
    await release[Symbol.asyncDispose]();
    way.use(release);
    const dev = await devValues();
    const values = {
      ...dev,
      url,
      image: imageValue(images['server']),
      warm: { base: 0, lake: 1 },
      sandboxes: { ...dev.sandboxes, images: { lake: images['lake'] } },
      learnerNamespaces: { enabled: false },
      dataLake: { enabled: true },
      'data-lake': { image: imageValue(images['data-lake']), storage: { ephemeral: true } },
    };
    await release.install(values, '--wait', '--timeout', '4m');
    const { kubeconfig } = cluster;
    const forward = { kubeconfig, namespace: release.namespace, what: `deploy/${NAME}` };
    way.use(await portForward({ ...forward, ports: [`${port}:${port}`] }));
    ada = await learner(url, 'ada');
    lab = await ada.start('data-lake', '2-upload', { patience: 240_000 });
  }, 1_800_000);
  afterAll(() => way.disposeAsync());

  /** One line of shell in the lab's terminal. @returns what it said */
  async function shell(line: string): Promise<string> {
    const terminal = await ours(url, ada, lab.id, '1');
    try {
      return await terminal.run(line, 120_000);
    } finally {
      terminal.socket.terminate();
    }
  }

  it('has admitted the learner, whose token Rucio takes', async () => {
    expect(await shell('rucio whoami')).toMatch(/account\s*: ada/);
  });

  it('stores a file from a pod, and a rule has it copied to the other element', async () => {
    const rule = 'rucio rule add --copies 1 --rses NAPOLI_USERDISK user.ada:run-1.dat';
    const state = 'rucio rule list --account ada | grep NAPOLI';
    const said = await shell(
      [
        'rucio upload --rse CNAF_USERDISK --scope user.ada upload/run-1.dat',
        rule,
        `for i in $(seq 60); do ${state} | grep -q "OK\\[1/0/0\\]" && break; sleep 1; done; ${state}`,
      ].join('; '),
    );
    // the learner's grep colours what it finds
    expect(said).toMatch(/OK\[1\/0\/0\].*NAPOLI/);
  });
});
