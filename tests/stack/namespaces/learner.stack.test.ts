/** A learner with their own token: what works as at home, what is refused and in which words. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Prepared } from '../../../sandbox-server/namespaces/index.ts';
import type { Ran } from '../cluster/cluster.ts';
import { until } from '../until.ts';
import { access, openGround, plain, podObject, type Ground, type PodMore } from './ground.ts';

let ground: Ground;
let ada: Prepared;
let bob: Prepared;
beforeAll(async () => {
  ground = await openGround();
  const sites = access({ roles: ['jobs', 'dask'], sites: ['recas'] });
  [ada, bob] = await Promise.all([
    ground.namespaces.prepare(ground.learner('ada'), ground.lab(), sites),
    ground.namespaces.prepare(ground.learner('bob'), ground.lab(), access({ roles: [] })),
  ]);
}, 600_000);
afterAll(() => ground.close());

const said = ({ code, stdout, stderr }: Ran): string => (code === 0 ? `done: ${stdout}` : stderr);
const mayAda = async (...words: string[]): Promise<string> =>
  (await ground.as(ada, ['auth', 'can-i', ...words])).stdout.trim();
const asAda = async (...words: string[]): Promise<string> => said(await ground.as(ada, words));
const making = async (object: object): Promise<string> =>
  said(await ground.as(ada, ['create', '-f', '-'], object));
const podWith = (name: string, more: PodMore = {}) => making(podObject(ada.namespace, name, more));

describe('kubectl in a lab', () => {
  it('works as at home: a pod, its log, a job, can-i', async () => {
    expect(await podWith('one')).toMatch(/^done: pod\/one created/);
    expect(await asAda('get', 'pods')).toMatch(/one/);
    expect(await asAda('describe', 'quota')).toMatch(/limits.cpu +500m +1/);
    expect(await mayAda('create', 'jobs')).toBe('yes');
    const { namespace, ...template } = {
      ...podObject(ada.namespace, 'job').metadata,
      spec: podObject('', '').spec,
    };
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'job', namespace },
      spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } },
    };
    expect(await making(job)).toMatch(/job.batch\/job created/);
    await until(
      () =>
        ground.cluster.kubectlOk(['get', 'pods', '-n', ada.namespace, '-l', 'job-name=job', '-o', 'name']),
      (pods) => pods.includes('pod/job-'),
    );
    expect(await asAda('delete', 'job/job', 'pod/one', '--wait=false')).toMatch(/deleted/);
  });
  it('is bounded by what the lesson declares, to the letter', async () => {
    const list = async (who: Prepared): Promise<string> => {
      const { stdout } = await ground.as(who, ['auth', 'can-i', '--list']);
      const lines = stdout
        .split('\n')
        .filter((line) => line.trim() !== '' && !/selfsubject|^ +\[\/|^Resources/.test(line));
      return `${lines.map(plain).sort().join('\n')}\n`;
    };
    await expect(await list(ada)).toMatchFileSnapshot('golden/learner-with-jobs-and-dask.txt');
    await expect(await list(bob)).toMatchFileSnapshot('golden/learner-looking.txt');
  });
  it('T49 finding 11: another learner’s namespace, Secrets, and all that would loosen their own are refused', async () => {
    expect(await asAda('get', 'pods', '-n', bob.namespace)).toMatch(/Forbidden/);
    for (const what of ['secrets', 'nodes', 'namespaces', 'pods -A'])
      expect(await asAda('get', ...what.split(' '))).toMatch(/Forbidden/);
    for (const what of [
      'networkpolicies',
      'rolebindings',
      'roles',
      'resourcequotas',
      'limitranges',
      'namespaces',
      'serviceaccounts',
      'serviceaccounts --subresource=token',
      'secrets',
      'ingresses',
      'endpoints',
      'pods --subresource=binding',
      'pods --subresource=ephemeralcontainers',
    ])
      expect([what, await mayAda('create', ...what.split(' '))]).toEqual([what, 'no']);
    expect(await mayAda('patch', 'pods')).toBe('no');
  });
  it('finding 5: a token dies with its lab, another of the same learner goes on', async () => {
    const carl = ground.learner('carl');
    const [first, second] = [ground.lab(), ground.lab()];
    const one = await ground.namespaces.prepare(carl, first, access());
    const two = await ground.namespaces.prepare(carl, second, access());
    expect(two.namespace).toBe(one.namespace);
    expect(one.expiresAt - Date.now()).toBeLessThan(11 * 60_000);
    const renewed = await ground.namespaces.renew(carl, first);
    expect(renewed.token).not.toBe(one.token);
    await ground.namespaces.end(carl, first);
    const gone = await until(
      async () => said(await ground.as(renewed, ['get', 'pods'])),
      (text) => /Unauthorized|must be logged in/.test(text),
    );
    expect(gone).toMatch(/logged in|Unauthorized/);
    expect(said(await ground.as(one, ['get', 'pods']))).toMatch(/logged in|Unauthorized/);
    expect(said(await ground.as(two, ['get', 'pods']))).toMatch(/No resources|^done/);
    await expect(ground.namespaces.renew(carl, first)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('pods of learners', () => {
  it('T48 hold no token, and may not ask for one', async () => {
    await ground.pod(ada.namespace, 'plain');
    const path = '/var/run/secrets/kubernetes.io/serviceaccount/token';
    expect(await ground.probe(ada.namespace, 'plain', 'read', path)).toMatch(/no such file/);
    expect(await podWith('t48', { spec: { automountServiceAccountToken: true } })).toMatch(
      /automountServiceAccountToken: pods here hold no token/,
    );
    const projected = [{ name: 't', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }];
    expect(await podWith('t48', { spec: { volumes: projected } })).toMatch(
      /serviceAccountToken: pods here hold no token/,
    );
    expect(
      await podWith('t48', { spec: { serviceAccountName: 'learner', automountServiceAccountToken: true } }),
    ).toMatch(/hold no token/);
    await ground.cluster.kubectlOk(['delete', 'pod', '-n', ada.namespace, 'plain']);
  });
  it.each([
    ['nodeName', { nodeName: 'dev1' }, /spec.nodeName: the scheduler chooses/],
    [
      'a toleration of everything',
      { tolerations: [{ operator: 'Exists' }] },
      /spec.tolerations: only palestra.dev\/site/,
    ],
    [
      'a site not granted',
      { tolerations: [{ key: 'palestra.dev/site', value: 'leonardo' }] },
      /spec.tolerations/,
    ],
    ['every site', { tolerations: [{ key: 'palestra.dev/site', operator: 'Exists' }] }, /spec.tolerations/],
    ['a node by name', { nodeSelector: { 'kubernetes.io/hostname': 'dev1' } }, /spec.nodeSelector/],
    ['a node by affinity', { affinity: { nodeAffinity: {} } }, /spec.affinity.nodeAffinity/],
    ['another scheduler', { schedulerName: 'mine' }, /spec.schedulerName/],
    ['a priority', { priorityClassName: 'system-cluster-critical' }, /spec.priorityClassName/],
    [
      'an account of another kind',
      { serviceAccountName: 'other' },
      /serviceAccountName|serviceaccount "other" not found/,
    ],
    [
      'an image of elsewhere',
      { containers: [{ ...podObject('', '').spec.containers[0], image: 'docker.io/miner:1' }] },
      /spec.containers\[\].image: only images of localhost\/palestra\//,
    ],
  ])('finding 17 T47: %s is refused, naming the field', async (_what, spec, words) => {
    expect(await podWith('f17', { spec })).toMatch(words);
  });
  it('finding 17: orders to an offload site in annotations are refused, a granted site is not', async () => {
    const pod = podObject(ada.namespace, 'f17');
    const annotated = {
      ...pod,
      metadata: { ...pod.metadata, annotations: { 'slurm-job.vk.io/flags': '--account=x' } },
    };
    expect(await making(annotated)).toMatch(/metadata.annotations: annotations can be orders/);
    const site = {
      terminationGracePeriodSeconds: 1,
      tolerations: [{ key: 'palestra.dev/site', value: 'recas', effect: 'NoSchedule' }],
      nodeSelector: { 'palestra.dev/site': 'recas' },
    };
    expect(await podWith('f17', { spec: site })).toMatch(/^done/);
    expect(await asAda('delete', 'pod', 'f17', '--wait=false')).toMatch(/deleted/);
  });
  it.each([
    [
      'privileged',
      { containers: [{ ...podObject('', '').spec.containers[0], securityContext: { privileged: true } }] },
      /privileged/,
    ],
    ['hostPath', { volumes: [{ name: 'h', hostPath: { path: '/' } }] }, /hostPath/],
    ['hostNetwork', { hostNetwork: true }, /hostNetwork|host namespaces/],
    ['root', { securityContext: { runAsUser: 0 } }, /runAsNonRoot|runAsUser/],
  ])('T39 T40 %s is refused by restricted, naming the field', async (_what, spec, words) => {
    expect(await podWith('t39', { spec })).toMatch(words);
  });
  it('T56 are bounded: beyond the quota a sentence says which figure, and a miner has its share', async () => {
    const cores = { resources: { limits: { cpu: '300m', memory: '64Mi' } } };
    const miner = { containers: [{ ...podObject('', '').spec.containers[0], ...cores }] };
    await ground.pod(ada.namespace, 'miner', { spec: miner });
    const had = Number(await ground.probe(ada.namespace, 'miner', 'burn', '4'));
    expect(had).toBeLessThan(0.45);
    const large = {
      containers: [{ ...podObject('', '').spec.containers[0], resources: { limits: { cpu: '900m' } } }],
    };
    expect(await podWith('large', { spec: large })).toMatch(
      /exceeded quota: size, requested: .*cpu=900m.*used:.*limited:/,
    );
    const huge = {
      containers: [{ ...podObject('', '').spec.containers[0], resources: { limits: { cpu: '4' } } }],
    };
    expect(await podWith('huge', { spec: huge })).toMatch(
      /maximum cpu usage per Container is 1, but limit is 4/,
    );
    await ground.cluster.kubectlOk(['delete', 'pod', '-n', ada.namespace, 'miner']);
  });
});

describe('finding 11: Services of learners', () => {
  const service = (spec: object) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: ada.namespace },
    spec: { ports: [{ port: 80 }], selector: { app: 'x' }, ...spec },
  });
  it.each([
    ['a node port', { type: 'NodePort' }, /spec.type: only ClusterIP/],
    ['a load balancer', { type: 'LoadBalancer' }, /spec.type: only ClusterIP/],
    ['another name', { type: 'ExternalName', externalName: 'example.org' }, /spec.type: only ClusterIP/],
    ['an address of the network', { externalIPs: ['10.0.0.1'] }, /spec.externalIPs|externalIPs/],
  ])('%s is refused', async (_what, spec, words) => {
    expect(await making(service(spec))).toMatch(words);
  });
  it('inside the cluster is allowed', async () => {
    expect(await making(service({}))).toMatch(/^done/);
  });
});
