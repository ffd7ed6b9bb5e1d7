/** The whole way of a lesson that uses the cluster: a real agent is given its way, and kubectl in it works as at home. */
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent, type StartedAgent } from '../../../sandbox-server/agent/testing/start-agent.ts';
import { ClusterNeed } from '../../../sandbox-server/contract/namespace.ts';
import { createLabAccess } from '../../../sandbox-server/namespaces/index.ts';
import { silentLog } from '../../../sandbox-server/telemetry/index.ts';
import { kubectlPath } from '../cluster/cluster.ts';
import { until } from '../until.ts';
import { openGround, SETTINGS, type Ground } from './ground.ts';

let ground: Ground;
let agent: StartedAgent;
beforeAll(async () => {
  ground = await openGround();
  agent = await startAgent({ config: { path: [dirname(await kubectlPath())] } });
}, 600_000);
afterAll(async () => {
  await agent.stop();
  await ground.close();
});

const inLab = async (code: string): Promise<string> => {
  const { stdout, stderr } = await agent.link.run({ lang: 'bash', code, timeout: 60, fixtures: [], env: {} });
  return stdout + stderr;
};

describe('a lesson on the cluster', () => {
  it('opens, works in the sandbox as at home, refuses in sentences, and ends with its lab', async () => {
    const { namespaces } = ground;
    const config = { namespaces: SETTINGS, groups: {} };
    const access = createLabAccess({ namespaces, config, log: silentLog() });
    const person = { ...ground.learner('ada'), groups: [] };
    const lab = ground.lab();
    const needs = [ClusterNeed.parse({ roles: ['jobs'] })];
    const stages: string[] = [];
    await access.open({ lab, person, needs, link: agent.link }, (text) => stages.push(text));
    expect(stages).toHaveLength(2);

    expect(await inLab('kubectl create configmap note --from-literal=a=b && kubectl get configmaps')).toMatch(
      /note +1/,
    );
    expect(await inLab('kubectl config view --minify -o jsonpath="{..namespace}"')).toMatch(/^palestra-t-/);
    expect(await inLab('kubectl auth can-i --list')).toMatch(/jobs.batch/);
    expect(await inLab('kubectl describe quota')).toMatch(/pods +0 +10/);
    expect(await inLab('kubectl get secrets')).toMatch(/Forbidden.*learner" cannot list resource "secrets"/);
    expect(await inLab('kubectl create deployment x --image=localhost/palestra/x:1')).toMatch(
      /cannot create resource "deployments"/,
    );
    expect(await inLab('grep -r "$(cat "${BEARER_TOKEN_FILE%/*}/kubernetes")" ~ || echo nowhere')).toBe(
      'nowhere\n',
    );

    await access.end(person, lab);
    const refused = await until(
      () => inLab('kubectl get pods'),
      (text) => /logged in|Unauthorized/.test(text),
    );
    expect(refused).toMatch(/logged in|Unauthorized/);
    access.close();
  });
});
