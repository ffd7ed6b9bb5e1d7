/** What others offer on the same cluster, in turn with ours. Installed when the bench runs, and not before. */
import { clusterWorld, type ClusterWorld } from '../../stack/cluster/world.ts';
import type { Part } from '../parts.ts';
import { installAgentSandbox, openAgentSandbox, type AgentSandbox } from '../peers/agent-sandbox.ts';
import { openHubTerminal } from '../peers/hub-user.ts';
import type { Hub } from '../peers/jupyterhub.ts';
import { hubPlace, installKubeHub, openKubeHub } from '../peers/kube-hub.ts';
import { median, percentile, row, type Pair } from '../table.ts';
import { end, starts, warmOnes, type Started } from './starting.ts';
import { callsSince } from './written.ts';

const TRIES = 4;

/** Both from the press of the button to a prompt: KubeSpawner starts a pod for each. */
export function againstJupyterHub(rounds: number): Part {
  return {
    name: 'JupyterHub with KubeSpawner',
    async run(say) {
      await installKubeHub(say);
      await using on = await clusterWorld({ warm: { base: TRIES } });
      await using place = await hubPlace();
      await using hub = await openKubeHub(place.namespace);
      const all: { mine: Took; theirs: Took }[] = [];
      for (let i = 0; i < rounds; i += 1) {
        const mine = await toPrompt(on, i);
        const theirs = await hubStart(on, hub, place.namespace, `hub${i}`);
        all.push({ mine, theirs });
        say(
          `round ${i + 1} of ${rounds}: ours ${median(mine.ms).toFixed(0)} ms, JupyterHub ${median(theirs.ms).toFixed(0)} ms`,
        );
      }
      const pairs = (of: (took: Took) => number): Pair[] =>
        all.map(({ mine, theirs }) => ({ ours: of(theirs), theirs: of(mine) }));
      return [
        row(
          'JupyterHub + KubeSpawner, login to prompt, ms',
          'warm claim',
          pairs(({ ms }) => median(ms)),
          {
            op: '>=',
            value: 20,
          },
        ),
        row(
          'JupyterHub: API writes of everybody, a start',
          'ours with its refill',
          pairs(({ writes }) => writes),
          null,
        ),
      ];
    },
  };
}

async function hubStart(on: ClusterWorld, hub: Hub, namespace: string, user: string): Promise<Took> {
  const [from, began] = [Date.now(), performance.now()];
  using _terminal = await openHubTerminal(hub, user);
  const ms = performance.now() - began;
  const calls = await callsSince(on, from, namespace);
  return { ms: [ms], writes: calls?.length ?? NaN };
}

/** What agent-sandbox calls *Ready*, no prompt: against the same moment of ours, a pod that is let go by its pool. */
export function againstAgentSandbox(rounds: number): Part {
  return {
    name: 'agent-sandbox',
    async run(say) {
      await installAgentSandbox(say);
      await using on = await clusterWorld({ warm: { base: TRIES } });
      await warmOnes(on, TRIES);
      await using peer = await openAgentSandbox(on.namespace, TRIES);
      const all: { mine: Took; theirs: Took }[] = [];
      for (let i = 0; i < rounds; i += 1) {
        const mine = await toClaim(on, i);
        const theirs = await sandboxClaims(on, peer, i);
        all.push({ mine, theirs });
        say(
          `round ${i + 1} of ${rounds}: ours ${median(mine.ms).toFixed(0)} ms, SandboxClaim ${median(theirs.ms).toFixed(0)} ms`,
        );
      }
      const pairs = (of: (took: Took) => number): Pair[] =>
        all.map(({ mine, theirs }) => ({ ours: of(theirs), theirs: of(mine) }));
      return [
        row(
          'SandboxClaim to Ready p50, ms',
          'our claim, confirmed',
          pairs(({ ms }) => percentile(ms, 50)),
          null,
        ),
        row(
          'SandboxClaim to Ready p95, ms',
          'our claim, confirmed',
          pairs(({ ms }) => percentile(ms, 95)),
          null,
        ),
        row(
          'agent-sandbox: API writes of everybody until the refill is ready, a claim',
          'ours',
          pairs(({ writes }) => writes),
          { op: '>=', value: 1 },
        ),
      ];
    },
  };
}

interface Took {
  readonly ms: readonly number[];
  /** of everybody, a claim */
  readonly writes: number;
}

async function toPrompt(on: ClusterWorld, round: number): Promise<Took & { all: readonly Started[] }> {
  await warmOnes(on, TRIES);
  const all = await starts(on, `p${round}`, TRIES);
  await warmOnes(on, TRIES);
  const calls = await callsSince(on, all[0]?.from ?? 0);
  await end(all);
  return { ms: all.map(({ ms }) => ms), writes: (calls?.length ?? NaN) / TRIES, all };
}
/** the same, as far as the stage in which a pod is claimed and let go */
async function toClaim(on: ClusterWorld, round: number): Promise<Took> {
  const { all, writes } = await toPrompt(on, round);
  const claiming = all.map(({ lab }) => lab.stages.find(({ name }) => name === 'claiming')?.seconds ?? NaN);
  return { ms: claiming.map((seconds) => seconds * 1000), writes };
}

async function sandboxClaims(on: ClusterWorld, peer: AgentSandbox, round: number): Promise<Took> {
  await peer.full();
  const from = Date.now();
  const names = Array.from({ length: TRIES }, (_, i) => `peer${round}x${i}`);
  const ms: number[] = [];
  for (const name of names) ms.push(await peer.claim(name));
  await peer.full();
  const calls = await callsSince(on, from, peer.namespace);
  await peer.release(names);
  return { ms, writes: (calls?.length ?? NaN) / TRIES };
}
