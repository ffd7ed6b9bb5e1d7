/**
 * As a centre runs it: two replicas behind https, a real login, labs that are pods. A learner's first lesson in Chromium
 * while both replicas are killed in turn; terminals that outlive an upgrade; a node that is drained.
 */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHelm, NO_HELM } from '../../../infra/chart/testing/helm.ts';
import type { Lab } from '../../../sandbox-server/contract/lab.ts';
import type { Drained } from '../../../sandbox-server/sandboxes/kubernetes/drain.ts';
import { ours } from '../../bench/terminals.ts';
import { FIRST_LAB, FIRST_LESSON } from '../../journeys/first-lab.ts';
import { enter, labPage, type LabPage } from '../../journeys/lab-page.ts';
import { openBrowser } from '../../world/browser.ts';
import { learner, type Learner } from '../../world/learner.ts';
import { missing } from '../cluster/cluster.ts';
import { until } from '../until.ts';
import { openCentre, type Centre } from './centre.ts';
import { startCounting, type Counting } from './counting.ts';

const helm = findHelm();
const own =
  process.env['PALESTRA_CLUSTER_KUBECONFIG'] === undefined
    ? null
    : 'a cluster of yours does not reach this machine';
const why = missing() ?? own ?? (helm === null ? NO_HELM : null);
const NAME = 'palestra-replicas';
const PALESTRA = resolve(import.meta.dirname, '../../../sandbox-server/cli/palestra.ts');
const PATIENCE = { timeout: 90_000, interval: 100 } as const;

describe.skipIf(why !== null)(`two replicas${why === null ? '' : ` (skipped: ${why})`}`, () => {
  const way = new AsyncDisposableStack();
  let centre: Centre;
  beforeAll(async () => {
    centre = way.use(await openCentre(helm ?? '', NAME));
  }, 1_200_000);
  afterAll(() => way.disposeAsync(), 400_000);

  it('both are ready, and one more may go at a time', async () => {
    expect(await centre.servers()).toHaveLength(2);
    const budget = ['get', 'pdb', NAME, '-n', NAME, '-o', 'jsonpath={.status.disruptionsAllowed}'];
    await until(
      () => centre.cluster.kubectlOk(budget),
      (allowed) => allowed === '1',
    );
  });

  describe('the first lab in Chromium', () => {
    const user = 'noether';
    let lab: LabPage;
    beforeAll(async () => {
      const browser = way.adopt(await openBrowser(), (b) => b.close());
      // the front's certificate is a test's own
      const viewport = { width: 1440, height: 900 };
      lab = await labPage(await browser.newContext({ viewport, ignoreHTTPSErrors: true }));
    });

    it('signs in, and the same page opens as a workspace by itself', async () => {
      await enter(lab, centre.front.url, FIRST_LESSON, user);
      expect(await lab.terminal()).toContain(`${user}@lab`);
    });

    it.each(FIRST_LAB.slice(0, 2))('%s', (_, act) => act(lab, user));

    it('both replicas killed in turn under it: the same shell, and nothing is missing', async () => {
      await lab.type(
        'clear; echo "shell $$"; i=0; while sleep 0.5; do i=$((i+1)); printf "<%s>" $i; done; echo\r',
      );
      await expect.poll(() => lab.terminal(), PATIENCE).toContain('<5>');
      const shell = /shell (\d+)/.exec(await lab.terminal())?.[1] ?? '?';
      await centre.killServers(async () => {
        const seen = counted(await lab.terminal()).length;
        await expect
          .poll(async () => counted(await lab.terminal()).length, PATIENCE)
          .toBeGreaterThan(seen + 5);
      });
      await lab.type('\x03');
      await lab.type('echo "still $$"\r');
      await expect.poll(() => lab.terminal(), PATIENCE).toContain(`still ${shell}`);
      const numbers = counted(await lab.terminal());
      expect(numbers).toEqual(numbers.map((_, i) => i + 1));
      await expect.poll(() => lab.status(), PATIENCE).toContain('● connected');
    });

    it.each(FIRST_LAB.slice(2))('%s', (_, act) => act(lab, user));

    it('a step that was done before the servers died is done, and no script of the page failed', async () => {
      await lab.step('run-a-command').is('done');
      expect(lab.errors).toEqual([]);
      await lab.page.close();
    });
  });

  describe('a terminal', () => {
    let ada: Learner;
    let lab: Lab;
    let counting: Counting;
    const goesOn = async (): Promise<void> => {
      const now = counting.now;
      await until(
        () => Promise.resolve(counting.now),
        (later) => later > now + 20,
        90_000,
      );
    };

    it('is had by whoever signs in over https', async () => {
      ada = await learner(centre.front.url, 'ada');
      lab = await ada.start('first-steps', '1-how-a-lab-works');
      counting = await startCounting(centre.front.url, ada, lab.id);
      way.defer(() => counting.close());
      await goesOn();
    });

    it('F2 loses no byte by an upgrade, nor by one that is taken back, though every replica is another', async () => {
      const before = await centre.servers();
      await centre.release.upgrade(
        { ...centre.values, config: { keepDays: 3 } },
        '--wait',
        '--timeout',
        '4m',
      );
      await until(
        () => centre.servers(),
        (pods) => pods.length === 2 && !pods.some((pod) => before.includes(pod)),
        120_000,
      );
      await goesOn();
      await centre.release.rollback();
      await centre.rolledOut();
      await goesOn();
      const settings = ['get', 'configmap', NAME, '-n', NAME, '-o', 'jsonpath={.data}'];
      expect(await centre.cluster.kubectlOk(settings)).not.toContain('keepDays');
      const numbers = counting.numbers();
      expect(numbers).toEqual(numbers.map((_, i) => i));
      expect(counting.returns).toBeGreaterThanOrEqual(1);
      process.stdout.write(
        `terminal came again ${counting.returns} times, longest ${counting.longest} ms, ${numbers.length} lines\n`,
      );
      await counting.close();
    });

    it('palestra drain: its lab is saved and told, nothing is left on the node, and it goes on after', async () => {
      const node =
        (await centre.cluster.kubectlOk(['get', 'nodes', '-o', 'name'])).trim().split('/')[1] ?? '';
      const shell = await ours(centre.front.url, ada, lab.id, '2');
      shell.type('echo kept > kept.txt; echo "written"$((40+2))\n');
      await shell.until(() => shell.plain.includes('written42'), 'the file');
      shell.cut();
      way.defer(async () => void (await centre.cluster.kubectl(['uncordon', node])));
      const words = ['drain', node, '--namespace', centre.release.sandboxes, '--json'];
      const env = { ...process.env, KUBECONFIG: centre.cluster.kubeconfig };
      const { stdout } = await promisify(execFile)(process.execPath, [PALESTRA, ...words], { env });
      const drained = JSON.parse(stdout) as Drained;
      expect(drained.left).toEqual([]);
      expect(drained.ended.map((one) => one.lab)).toContain(lab.id);
      const told = await ada.json<Lab>('GET', `/api/labs/${lab.id}`);
      expect(told.state).toBe('paused');
      expect(told.problem?.message).toMatch(/taken out of service.*saved just before/);
      await centre.cluster.kubectlOk(['uncordon', node]);
      await ada.start('first-steps', '1-how-a-lab-works');
      const after = await ours(centre.front.url, ada, lab.id, '1');
      after.type('cat kept.txt; echo "read"$((40+2))\n');
      await after.until(() => after.plain.includes('read42'), 'the file again');
      expect(after.plain).toMatch(/^kept\r?$/m);
      after.cut();
    });
  });
});

const counted = (text: string): readonly number[] => [...text.matchAll(/<(\d+)>/g)].map(([, n]) => Number(n));
