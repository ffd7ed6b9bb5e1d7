/**
 * IAM's own tokens at the API server, the other way to the cluster: both profiles, the slash both ways, and nothing for
 * a token that was not made for the cluster.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Prepared } from '../../../sandbox-server/namespaces/index.ts';
import type { Ran } from '../cluster/cluster.ts';
import { until } from '../until.ts';
import { openIam, type Iam } from './iam.ts';
import { access, openGround, type Ground } from './ground.ts';

const AUDIENCE = 'palestra-cluster';
const PROFILES = [
  { profile: 'wlcg', slash: false, scope: 'openid wlcg.groups' },
  { profile: 'iam', slash: true, scope: 'openid profile' },
] as const;
let ground: Ground;
let ada: Prepared;
let bob: Prepared;

beforeAll(async () => {
  ground = await openGround();
  ada = await ground.namespaces.prepare(ground.learner('ada'), ground.lab(), access());
  bob = await ground.namespaces.prepare(ground.learner('bob'), ground.lab(), access());
}, 600_000);
afterAll(async () => {
  await ground.cluster.command('up', '--oidc-issuer', 'none');
  await ground.close();
}, 600_000);

const says = ({ code, stdout, stderr }: Ran): string => (code === 0 ? `done: ${stdout}` : stderr);
const withToken = async (token: string, ...words: string[]): Promise<string> =>
  says(await ground.as({ ...ada, token }, words));
const whoami = (token: string) => withToken(token, 'auth', 'whoami', '-o', 'json');
async function trust({ issuer, ca, discovery }: Iam): Promise<void> {
  const said = await ground.cluster.command(
    'up',
    ...['--oidc-issuer', issuer, '--oidc-ca', ca, '--oidc-audience', AUDIENCE, '--oidc-discovery', discovery],
  );
  if (said.code !== 0) throw new Error(said.stdout.slice(-2000) + said.stderr);
}

describe.each(PROFILES)(
  'finding 12: tokens of the $profile profile, slash $slash',
  ({ profile, slash, scope }) => {
    let iam: Iam;
    let token: string;
    let subject: string;
    beforeAll(async () => {
      const { addresses } = ground.cluster;
      if (addresses === null)
        throw new Error('the API server of a cluster of one’s own is not ours to configure');
      iam = await openIam(addresses.host, profile, slash);
      await trust(iam);
      ({ token, subject } = await iam.provider.tokenFor('st07', AUDIENCE, scope));
      // the API server asks for keys in the background
      await until(
        () => whoami(token),
        (text) => text.startsWith('done'),
        90_000,
      );
    }, 600_000);
    afterAll(() => iam.close());

    it('name the person and their groups, the same in both profiles', async () => {
      const said = await whoami(token);
      expect(said).toContain(`"iam:${subject}"`);
      expect(said).toContain('"iam:icsc/users"');
      expect(said).not.toContain('iam:/icsc');
    });
    it('may what their group was given, in one namespace and no other', async () => {
      expect(await withToken(token, 'get', 'pods')).toMatch(/Forbidden/);
      await ground.cluster.apply({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'iam', namespace: ada.namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'palestra-lesson-look' },
        subjects: [{ kind: 'Group', name: 'iam:icsc/users', apiGroup: 'rbac.authorization.k8s.io' }],
      });
      await until(
        () => withToken(token, 'get', 'pods'),
        (text) => /^done|No resources/.test(text),
      );
      expect(await withToken(token, 'get', 'pods', '-n', bob.namespace)).toMatch(/Forbidden/);
      expect(await withToken(token, 'get', 'secrets')).toMatch(/Forbidden/);
      await ground.cluster.kubectlOk(['delete', 'rolebinding', 'iam', '-n', ada.namespace]);
    });
    it('T18 T19 are refused where they were made for something else', async () => {
      const other = await iam.provider.tokenFor('st07', 'rucio', scope);
      expect(await whoami(other.token)).toMatch(/logged in|Unauthorized/);
    });
    it('T17 T20 are refused where somebody changed them', async () => {
      const [head = '', body = '', signature = ''] = token.split('.');
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
      const forged = Buffer.from(JSON.stringify({ ...claims, groups: ['system:masters'] })).toString(
        'base64url',
      );
      expect(await whoami(`${head}.${forged}.${signature}`)).toMatch(/logged in|Unauthorized/);
    });
  },
);
