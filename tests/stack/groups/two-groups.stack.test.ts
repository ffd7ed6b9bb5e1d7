/** Two learners of different groups on the real cluster: different labs, and nothing of one within the other's reach. */
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findHelm, NO_HELM } from '../../../infra/chart/testing/helm.ts';
import type { Lab } from '../../../sandbox-server/contract/lab.ts';
import { learner, type Learner } from '../../world/learner.ts';
import { missing, openCluster, runProgram, type Cluster } from '../cluster/cluster.ts';
import { until } from '../until.ts';
import { AUTHORS, COURSES, INSTRUCTORS } from './courses.ts';
import { install, namespacesOf, PREFIX, SANDBOXES, type Installation } from './installation.ts';
import { shell, type Shell } from './shell.ts';

const COMMAND = resolve(import.meta.dirname, '../../../sandbox-server/cli/palestra.ts');
const helm = findHelm();
const why = missing() ?? (helm === null ? NO_HELM : null);
const GROUPS = {
  '*': { labs: 3, kits: ['base'] },
  [AUTHORS]: { labs: 3, sizes: ['medium'] },
  [INSTRUCTORS]: { labs: 3 },
};

interface Somebody {
  readonly person: Learner;
  readonly lab: Lab;
  readonly shell: Shell;
  readonly namespace: string;
  /** of what listens at 8786 in their namespace, as a scheduler would */
  readonly scheduler: string;
  /** of their own sandbox */
  readonly sandbox: string;
}
let cluster: Cluster;
let here: Installation;
const opened = new AsyncDisposableStack();

/** A scheduler's stand-in: a pod that listens, and the Service that names it. */
const listening = (image: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'scheduler', labels: { app: 'scheduler' } },
        spec: {
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'scheduler',
              image,
              imagePullPolicy: 'Never',
              command: ['python3', '-m', 'http.server', '8786', '-d', '/tmp'],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'scheduler' },
        spec: { selector: { app: 'scheduler' }, ports: [{ port: 8786 }] },
      },
    ],
  });
const open = (url: string): string => `curl -s -o /dev/null -m 5 -w '%{http_code}' ${url}`;

async function begin(name: string, course: string): Promise<Somebody> {
  const person = await learner(here.url, name);
  const lab = await person.start(course, '1-jobs');
  const terminal = opened.use(await shell(here.url, person, lab.id));
  const first = (text: string): string => text.split('\n')[0]?.replace(/\(0\)$/, '') ?? '';
  const namespace = first(await terminal.run('kubectl config view --minify -o jsonpath="{..namespace}"'));
  expect(await terminal.run(`kubectl create -f - <<< '${listening(here.image)}'`)).toContain('(0)');
  expect(await terminal.run('kubectl wait --for=condition=Ready --timeout=50s pod/scheduler')).toContain(
    '(0)',
  );
  const scheduler = first(await terminal.run("kubectl get pod scheduler -o jsonpath='{.status.podIP}'"));
  const sandbox = await cluster.kubectlOk([
    ...['get', 'pods', '-n', SANDBOXES, '-l', `palestra.dev/lab=${lab.id}`],
    ...['-o', 'jsonpath={.items[0].status.podIP}'],
  ]);
  return { person, lab, shell: terminal, namespace, scheduler, sandbox };
}

describe.skipIf(why !== null)(`two groups${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let emmy: Somebody;
  let enrico: Somebody;
  const pairs = () => [
    { me: emmy, other: enrico },
    { me: enrico, other: emmy },
  ];
  beforeAll(async () => {
    cluster = await openCluster();
    here = opened.use(await install(cluster, helm ?? '', COURSES, GROUPS));
    emmy = await begin('emmy', 'writing');
    enrico = await begin('enrico', 'teaching');
  }, 1_200_000);
  afterAll(() => opened.disposeAsync(), 400_000);

  it('the doctor asks the cluster, as the account that the server has there', async () => {
    const argv = [process.execPath, COMMAND, 'doctor', '--json', '--config', here.settings];
    const env = { ...process.env, PALESTRA_STATE: join(here.settings, '../state') };
    const { stdout } = await runProgram(argv, { env, ms: 240_000 });
    const { probes } = z
      .object({ probes: z.array(z.object({ name: z.string(), ok: z.boolean(), found: z.string() })) })
      .parse(JSON.parse(stdout));
    const found = new Map(probes.map((probe) => [probe.name, probe]));
    for (const name of ['cluster', 'rights on the cluster', 'restricted pods', 'network policies'])
      expect(found.get(name)).toMatchObject({ ok: true });
  });

  it('see different labs, and are told which are not theirs', async () => {
    const Courses = z.array(z.object({ id: z.string(), entitled: z.boolean() }));
    const entitled = async ({ person }: Pick<Somebody, 'person'>): Promise<string[]> =>
      Courses.parse(await person.json('GET', '/api/courses')).flatMap(({ id, entitled: may }) =>
        may ? [id] : [],
      );
    expect((await entitled(emmy)).sort()).toEqual(['open', 'writing']);
    expect((await entitled(enrico)).sort()).toEqual(['open', 'teaching']);
    const ada = await learner(here.url, 'ada');
    expect(await entitled({ person: ada })).toEqual(['open']);
    for (const [person, course] of [
      [emmy.person, 'teaching'],
      [enrico.person, 'writing'],
      [ada, 'writing'],
    ] as const) {
      const asked = { course, lesson: '1-jobs', prepare: false };
      const answer = await person.ask('POST', '/api/labs', asked);
      expect([answer.status, await answer.json()]).toMatchObject([
        403,
        { code: 'forbidden', message: expect.stringMatching(/open to certain groups/) as string },
      ]);
    }
  });

  it('have each a namespace of their own, told as a stage, where kubectl works as at home', async () => {
    expect(emmy.namespace).not.toBe(enrico.namespace);
    for (const { lab, shell: terminal, namespace, scheduler } of [emmy, enrico]) {
      expect(lab.stages.map(({ name }) => name)).toContain('namespace');
      expect(namespace.startsWith(PREFIX)).toBe(true);
      expect(await terminal.run('kubectl get pods')).toMatch(/scheduler +1\/1 +Running/);
      expect(await terminal.run(open(`http://${scheduler}:8786/`))).toBe('200(0)');
      expect(await terminal.run(open(`http://scheduler.${namespace}:8786/`))).toBe('200(0)');
      const inPod = `kubectl exec scheduler -- ${open(`http://${scheduler}:8786/`)}`;
      expect(await terminal.run(inPod)).toBe('200(0)');
    }
  });

  it('T48 T51 kubectl refuses each the other’s namespace, and everybody’s sandboxes, in a sentence', async () => {
    for (const { me, other } of pairs()) {
      for (const [line, what] of [
        [`get pods -n ${other.namespace}`, 'cannot list resource "pods"'],
        [`get configmaps -n ${other.namespace}`, 'cannot list resource "configmaps"'],
        [`exec -n ${other.namespace} scheduler -- true`, 'cannot get resource "pods"'],
        [`delete pod scheduler -n ${other.namespace}`, 'cannot delete resource "pods"'],
        [`get pods -n ${SANDBOXES}`, 'cannot list resource "pods"'],
        ['get namespaces', 'cannot list resource "namespaces"'],
        ['get pods -A', 'cannot list resource "pods"'],
      ]) {
        const said = await me.shell.run(`kubectl ${line ?? ''}`);
        expect(said).toContain('Error from server (Forbidden)');
        expect(said).toContain(what);
      }
    }
  });

  it('T50 T54 no connection opens from one’s sandbox or pods to the other’s scheduler, pods or sandbox', async () => {
    for (const { me, other } of pairs()) {
      await other.shell.run('(python3 -m http.server 9000 -d /tmp >/dev/null 2>&1 &)');
      await until(
        () => other.shell.run(open('http://localhost:9000/')),
        (said) => said === '200(0)',
      );
      const closed = [
        `http://${other.scheduler}:8786/`,
        `http://scheduler.${other.namespace}:8786/`,
        `http://${other.sandbox}:9000/`,
        `https://${other.sandbox}:7070/v1/status -k`,
      ];
      for (const url of closed) {
        expect([url, await me.shell.run(open(url))]).toEqual([url, expect.stringMatching(/^000\(\d+\)$/)]);
        const fromPod = await me.shell.run(`kubectl exec scheduler -- ${open(url)}`);
        expect([url, fromPod]).toEqual([url, expect.stringMatching(/^000/)]);
      }
    }
  });

  it('T29 files, terminals and labs of the other are nobody’s', async () => {
    for (const { me, other } of pairs()) {
      const content = `/api/labs/${me.lab.id}/files/content?path=.kube/config`;
      expect((await me.person.ask('GET', content)).status).toBe(200);
      const of = `/api/labs/${other.lab.id}`;
      expect((await me.person.ask('GET', content.replace(me.lab.id, other.lab.id))).status).toBe(404);
      expect((await me.person.ask('POST', `${of}/tickets`, { terminal: '1', mode: 'read' })).status).toBe(
        404,
      );
      expect((await me.person.ask('DELETE', of)).status).toBe(404);
    }
  });

  it('F1 T58 after a restart of the server the token is another, and kubectl goes on', async () => {
    const token = 'sha256sum "${BEARER_TOKEN_FILE%/*}/kubernetes"';
    const before = await emmy.shell.run(token);
    await here.restart();
    const again = opened.use(await shell(here.url, emmy.person, emmy.lab.id));
    await until(
      () => again.run(token),
      (now) => now !== before && now.endsWith('(0)'),
    );
    expect(await again.run('kubectl get pods')).toMatch(/scheduler +1\/1 +Running/);
  });

  it('one’s namespace ends with one’s lab, and the other’s stays', async () => {
    expect((await emmy.person.ask('DELETE', `/api/labs/${emmy.lab.id}`)).status).toBe(200);
    await until(
      () => namespacesOf(cluster),
      (names) => !names.includes(emmy.namespace),
      180_000,
    );
    expect(await namespacesOf(cluster)).toContain(enrico.namespace);
  });
});
