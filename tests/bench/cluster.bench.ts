/** Labs as pods of a real cluster: the dev cluster that the stack tests have, or a person's own. */
import { claims } from './cluster/claims.ts';
import { classAtOnce } from './cluster/class.ts';
import { againstAgentSandbox, againstJupyterHub } from './cluster/peers.ts';
import { queue } from './cluster/queue.ts';
import { watched } from './cluster/watched.ts';
import { inTurn } from './parts.ts';
import type { Bench } from './run.ts';

export const bench: Bench = {
  says: 'labs as pods: warm claims against cold pods, agent-sandbox and JupyterHub, 28 at once, a queue, 1,000 pods',
  rounds: 5,
  run: (rounds, say) =>
    inTurn(
      [claims(rounds), againstAgentSandbox(3), againstJupyterHub(2), classAtOnce, queue(60, 6), watched],
      say,
    ),
};
