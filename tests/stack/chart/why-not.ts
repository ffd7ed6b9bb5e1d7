/** What a release's pods and servers say: for an installation that failed, where Helm only says that time is up. */
import type { Cluster } from '../cluster/cluster.ts';

const LAST_LINES = '60';
const SERVER = 'app.kubernetes.io/name=palestra-server';

/** Asked of whatever is there; what cannot be had is said in its place. @returns text for people, at most 20,000 characters */
export async function whyNot(
  cluster: Cluster,
  names: { readonly namespace: string; readonly sandboxes: string },
): Promise<string> {
  const { namespace, sandboxes } = names;
  const logs = ['logs', '-n', namespace, '-l', SERVER, '--prefix', `--tail=${LAST_LINES}`];
  const questions = [
    ['get', 'deployments,pods', '-n', namespace, '-o', 'wide'],
    ['get', 'deployments,pods', '-n', sandboxes, '-o', 'wide'],
    ['events', '-n', namespace],
    ['events', '-n', sandboxes],
    logs,
    [...logs, '--previous'],
  ];
  const answers = await Promise.all(
    questions.map(async (words) => {
      const { stdout, stderr } = await cluster.kubectl(words);
      return `$ kubectl ${words.join(' ')}\n${stdout.slice(-6_000)}${stderr.slice(-500)}`;
    }),
  );
  return answers.join('\n').slice(0, 20_000);
}
