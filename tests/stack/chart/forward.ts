/** `kubectl port-forward` as a process of its own, ended by its pid. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { kubectlPath } from '../cluster/cluster.ts';

interface Forward {
  readonly kubeconfig: string;
  readonly namespace: string;
  /** `deploy/NAME` */
  readonly what: string;
  /** `LOCAL:REMOTE`, each */
  readonly ports: readonly string[];
}

/** Open once it says so. @throws Error where it ends at once */
export async function portForward({ kubeconfig, namespace, what, ports }: Forward): Promise<AsyncDisposable> {
  // it does not outlive tests that are killed: the next would find its ports taken
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'TERM', await kubectlPath(), 'port-forward', '-n', namespace, what, ...ports],
    {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const over = once(child, 'exit');
  const line = once(createInterface(child.stdout), 'line');
  const first: unknown = await Promise.race([line, over.then(() => null)]);
  if (first === null) throw new Error(`kubectl port-forward ${what} ended at once`);
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await over;
    },
  };
}
