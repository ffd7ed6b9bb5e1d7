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
      const mine = (i: number): Promise<Took> => toPrompt(on, i);
      const theirs = (i: number): Promise<Took> => hubStart(on, hub, place.namespace, `hub${i}`);
      const against = await inRounds(rounds, { name: 'JupyterHub', mine, theirs }, say);
      return [
        row(
          'JupyterHub + KubeSpawner, login to prompt, ms',
          'warm claim',
          against(({ ms }) => median(ms)),
          { op: '>=', value: 20 },
        ),
        row(
          'JupyterHub: API writes of everybody, a start',
          'ours with its refill',
          against(({ writes }) => writes),
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
      const mine = (i: number): Promise<Took> => toClaim(on, i);
      const theirs = (i: number): Promise<Took> => sandboxClaims(on, peer, i);
      const against = await inRounds(rounds, { name: 'SandboxClaim', mine, theirs }, say);
      return [
        row(
          'SandboxClaim to Ready p50, ms',
          'our claim, confirmed',
          against(({ ms }) => percentile(ms, 50)),
          null,
        ),
        row(
          'SandboxClaim to Ready p95, ms',
          'our claim, confirmed',
          against(({ ms }) => percentile(ms, 95)),
          null,
        ),
        row(
          'agent-sandbox: API writes of everybody until the refill is ready, a claim',
          'ours',
          against(({ writes }) => writes),
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
interface Sides {
  /** of the peer, as progress calls it */
  readonly name: string;
  readonly mine: (round: number) => Promise<Took>;
  readonly theirs: (round: number) => Promise<Took>;
}

/** Ours and theirs in turn. @returns for any figure of a round its pairs: what is told is the peer's, held against ours */
async function inRounds(
  rounds: number,
  { name, mine, theirs }: Sides,
  say: (line: string) => void,
): Promise<(figure: (took: Took) => number) => readonly Pair[]> {
  const all: { readonly own: Took; readonly peer: Took }[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const own = await mine(i);
    const peer = await theirs(i);
    all.push({ own, peer });
    say(`round ${i + 1} of ${rounds}: ours ${shown(own)}, ${name} ${shown(peer)}`);
  }
  return (figure) => all.map(({ own, peer }) => ({ ours: figure(peer), theirs: figure(own) }));
}
const shown = ({ ms }: Took): string => `${median(ms).toFixed(0)} ms`;

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
