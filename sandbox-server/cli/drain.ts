/** `palestra drain NODE`: sandboxes leave a node before it is taken out of service; nothing of a learner is lost. */
import { Problem } from '../contract/errors.ts';
import type { Drained } from '../sandboxes/kubernetes/drain.ts';

export interface DrainOptions {
  readonly namespace: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly minutes: string;
  readonly json?: boolean;
}

/** Exit code 1 where a sandbox is left. */
export async function drain(node: string, options: DrainOptions): Promise<void> {
  const { namespace, kubeconfig, context } = options;
  const patience = minutesOf(options.minutes) * 60_000;
  const { drainNode } = await import('../sandboxes/kubernetes/index.ts');
  const onLeft = onChange((left) => process.stderr.write(`${counted(left)} on ${node}\n`));
  const drained = await drainNode({ node, namespace, patience, onLeft }, { kubeconfig, context });
  process.stdout.write(
    options.json === true ? `${JSON.stringify(drained, null, 2)}\n` : linesOf(drained).join('\n'),
  );
  if (drained.left.length > 0) process.exitCode = 1;
}

/** A number that is looked at every second is worth a line where it is another. */
function onChange(say: (n: number) => void): (n: number) => void {
  let before: number | null = null;
  return (n) => {
    if (n !== before) say(n);
    before = n;
  };
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (Number.isFinite(minutes) && minutes > 0) return minutes;
  throw new Problem('bad-request', `--minutes ${text}: a number above 0, for instance --minutes 10`);
}

/** Pure. */
export function linesOf({ node, namespace, ended, moved, left }: Drained): readonly string[] {
  const done = [
    `${counted(ended.length)} of labs saved and ended, their learners told; ${moved} warm evicted.`,
    ...ended.map(({ lab, pod }) => `  lab ${lab ?? ''}  ${pod}`),
  ];
  if (left.length === 0)
    return [
      ...done,
      `No sandbox of ${namespace} is left on ${node}, and none starts there. The rest of it:`,
      `  kubectl drain ${node} --ignore-daemonsets --delete-emptydir-data`,
      `Back again: kubectl uncordon ${node}`,
      '',
    ];
  return [
    ...done,
    `Still on ${node}:`,
    ...left.map(({ lab, pod }) => `  ${lab === null ? 'warm' : `lab ${lab}`}  ${pod}`),
    'A lab stays where its home cannot be saved (the store of homes is away) or no server runs: the log of the server',
    'says which. It goes on meanwhile. Ask again when that is mended.',
    '',
  ];
}

function counted(n: number): string {
  return `${n} ${n === 1 ? 'sandbox' : 'sandboxes'}`;
}
