/** The server's own account: what it may, to the letter, and what is refused although RBAC alone would let it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ran } from '../cluster/cluster.ts';
import { access, openGround, plain, SERVER, SETTINGS, type Ground } from './ground.ts';

let ground: Ground;
let theirs: string;
beforeAll(async () => {
  ground = await openGround();
  theirs = (await ground.namespaces.prepare(ground.learner('ada'), ground.lab(), access())).namespace;
}, 600_000);
afterAll(() => ground.close());

/** What `can-i --list` says, without what everybody may. */
async function rights(namespace: string): Promise<string> {
  const { stdout } = await ground.server('auth', 'can-i', '--list', '-n', namespace);
  const everybodys = /selfsubject|^ +\[\/|^Resources/;
  return stdout
    .split('\n')
    .filter((line) => line.trim() !== '' && !everybodys.test(line))
    .map(plain)
    .sort()
    .join('\n');
}

describe('T51 the server’s rights', () => {
  it.each(['kube-system', 'default', SETTINGS.sandboxes, 'a learner’s'])(
    'T51 in %s are this',
    async (where) => {
      const namespace = where === 'a learner’s' ? theirs : where;
      const name = where === 'a learner’s' ? 'learners' : where;
      await expect(`${await rights(namespace)}\n`).toMatchFileSnapshot(`golden/rights-in-${name}.txt`);
    },
  );
});

const BINDING = (role: string, namespace: string, subject: object = {}) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'evil', namespace },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'ServiceAccount', name: 'learner', namespace, ...subject }],
});
/** @returns what was said against making it */
const made = async (object: object): Promise<string> =>
  refusalOf(await ground.serverWith(object, 'create', '--validate=false', '-f', '-'));
const refusalOf = ({ code, stderr, stdout }: Ran): string => (code === 0 ? `allowed: ${stdout}` : stderr);

describe('finding 2: what is refused', () => {
  it('a token of kube-system, which may escalate', async () => {
    const { stderr } = await ground.server('create', 'token', 'namespace-controller', '-n', 'kube-system');
    expect(stderr).toMatch(/cannot create resource "serviceaccounts\/token".*"kube-system"/);
  });
  it('a token of another account than learner, one that nothing bounds, one for long', async () => {
    const token = (...words: string[]) => ground.server('create', 'token', ...words, '-n', theirs);
    expect((await token('default')).stderr).toMatch(/cannot create resource "serviceaccounts\/token"/);
    expect((await token('learner')).stderr).toMatch(/boundObjectRef: a token is bound to the Secret/);
    const [secret = ''] = (await ground.server('get', 'secrets', '-n', theirs, '-o', 'name')).stdout.split(
      '\n',
    );
    const bound = ['--bound-object-kind=Secret', `--bound-object-name=${secret.replace('secret/', '')}`];
    expect((await token('learner', ...bound, '--duration=24h')).stderr).toMatch(/expirationSeconds: at most/);
    expect((await token('learner', ...bound, '--duration=10m')).code).toBe(0);
  });
  it('a role bound in kube-system, the administrator’s bound anywhere, a lesson’s bound to somebody else', async () => {
    expect(await made(BINDING('palestra-lesson-jobs', 'kube-system'))).toMatch(
      /writes only in palestra-t-|binds roles only in palestra-t-/,
    );
    expect(await made(BINDING('cluster-admin', theirs))).toMatch(
      /attempting to grant RBAC permissions not currently held/,
    );
    expect(await made(BINDING('palestra-lesson-jobs', theirs, { namespace: 'kube-system' }))).toMatch(
      /lessons' roles go to the account learner/,
    );
    expect(await made(BINDING('palestra-server-in-namespace', theirs))).toMatch(
      /lessons' roles go to the account/,
    );
  });
  it('a namespace of another name, one that is not restricted, one without whose it is', async () => {
    const namespace = (name: string, labels: object) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    });
    const ours = { 'app.kubernetes.io/managed-by': 'palestra', 'palestra.dev/learner': 'true' };
    const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    expect(await made(namespace('evil', { ...ours, ...restricted }))).toMatch(
      /only namespaces called palestra-t-/,
    );
    expect(await made(namespace('palestra-t-evil', ours))).toMatch(/enforce must be restricted/);
    expect(
      await made(
        namespace('palestra-t-evil', { ...ours, 'pod-security.kubernetes.io/enforce': 'privileged' }),
      ),
    ).toMatch(/enforce must be restricted/);
    expect(await made(namespace('palestra-t-evil', restricted))).toMatch(/palestra.dev\/learner=true/);
  });
  it('loosening a namespace that is there, or giving it to somebody else', async () => {
    const label = (...words: string[]) =>
      ground.server('label', '--overwrite', 'namespace', theirs, ...words);
    expect((await label('pod-security.kubernetes.io/enforce=privileged')).stderr).toMatch(
      /must be restricted/,
    );
    expect((await label('palestra.dev/person=somebodyelse')).stderr).toMatch(/never changes/);
    expect((await label('palestra.dev/learner-')).stderr).toMatch(/are required/);
  });
  it('taking over or removing what is not ours, whatever it is called', async () => {
    await ground.cluster.apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'palestra-t-foreign' },
    });
    const label = [
      'palestra.dev/learner=true',
      'app.kubernetes.io/managed-by=palestra',
      'pod-security.kubernetes.io/enforce=restricted',
    ];
    expect((await ground.server('label', 'namespace', 'palestra-t-foreign', ...label)).stderr).toMatch(
      /not one that the Palestra server made/,
    );
    for (const name of ['palestra-t-foreign', 'kube-system', SERVER.namespace, SETTINGS.sandboxes])
      expect((await ground.server('delete', 'namespace', name, '--wait=false')).stderr).toMatch(
        /not one that the Palestra server made|only namespaces called|may not be deleted/,
      );
  });
  it('Secrets elsewhere, Secrets with something in them, Secrets that a token is written into', async () => {
    expect((await ground.server('get', 'secrets', '-n', 'kube-system')).stderr).toMatch(
      /cannot list resource "secrets"/,
    );
    expect((await ground.server('get', 'secrets', '-A')).stderr).toMatch(/cannot list resource "secrets"/);
    const secret = (more: object) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'evil',
        namespace: theirs,
        annotations: { 'kubernetes.io/service-account.name': 'learner' },
      },
      ...more,
    });
    expect(await made(secret({ type: 'Opaque', stringData: { a: 'b' } }))).toMatch(
      /the Secret of a lab is empty/,
    );
    expect(await made(secret({ type: 'kubernetes.io/service-account-token' }))).toMatch(/type: only Opaque/);
  });
  it('whatever else a server that was taken over would try', async () => {
    const may = async (...words: string[]) => (await ground.server('auth', 'can-i', ...words)).stdout.trim();
    const tries = [
      ['create', 'clusterrolebindings'],
      ['escalate', 'clusterroles'],
      ['impersonate', 'users'],
      ['create', 'pods', '-n', 'kube-system'],
      ['create', 'pods', '-n', theirs],
      ['create', 'pods', '--subresource=exec', '-n', theirs],
      ['get', 'nodes'],
      ['get', 'secrets', '-n', SERVER.namespace],
      ['update', 'namespaces', '--subresource=finalize'],
      ['approve', 'certificatesigningrequests'],
      ['delete', 'validatingadmissionpolicies'],
    ];
    for (const words of tries)
      expect([words.join(' '), await may(...words)]).toEqual([words.join(' '), 'no']);
  });
});
