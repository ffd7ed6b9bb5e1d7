/** A warm claim to its first prompt, against a cold pod of the same image, in turn; and what it writes. */
import { clusterWorld, type ClusterWorld } from '../../stack/cluster/world.ts';
import type { Call } from '../audit.ts';
import type { Part } from '../parts.ts';
import { figure, percentile, row, type Pair, type Row } from '../table.ts';
import { end, starts, warmOnes, type Started } from './starting.ts';
import { callsSince } from './written.ts';

const TRIES = 4;

interface Round {
  readonly warm: readonly Started[];
  readonly cold: readonly Started[];
  readonly writes: Writes | null;
}
interface Writes {
  /** of the server before each prompt */
  readonly own: readonly number[];
  /** of the whole cluster until the pool is full again, a claim */
  readonly all: number;
  /** of the claims themselves, ms */
  readonly patches: readonly number[];
}

export function claims(rounds: number): Part {
  return {
    name: 'warm claims against cold pods',
    async run(say) {
      await using warm = await clusterWorld({ warm: { base: TRIES } });
      await using cold = await clusterWorld({ warm: { base: 0 } });
      const all: Round[] = [];
      for (let i = 0; i < rounds; i += 1) {
        await warmOnes(warm, TRIES);
        const mine = await starts(warm, `warm${i}`, TRIES);
        await warmOnes(warm, TRIES);
        const theirs = await starts(cold, `cold${i}`, TRIES);
        all.push({ warm: mine, cold: theirs, writes: await writesOf(warm, mine) });
        await end([...mine, ...theirs]);
        say(`round ${i + 1} of ${rounds}: ${shown(mine)} warm, ${shown(theirs)} cold`);
      }
      return rowsOf(all);
    },
  };
}

const percentileOf = (p: number, all: readonly Started[]): number =>
  percentile(
    all.map(({ ms }) => ms),
    p,
  );
const shown = (all: readonly Started[]): string => `${percentileOf(50, all).toFixed(0)} ms`;

async function writesOf(on: ClusterWorld, all: readonly Started[]): Promise<Writes | null> {
  const calls = await callsSince(on, all[0]?.from ?? 0);
  if (calls === null) return null;
  const own = (started: Started): readonly Call[] =>
    calls.filter((call) => call.ours && call.at >= started.from && call.at <= started.to);
  const patches = all.flatMap(own).filter(({ verb, resource }) => verb === 'patch' && resource === 'pods');
  return {
    own: all.map((started) => own(started).length),
    all: calls.length / all.length,
    patches: patches.map(({ ms }) => ms),
  };
}
function rowsOf(rounds: readonly Round[]): readonly Row[] {
  const pairs = (p: number): Pair[] =>
    rounds.map(({ warm, cold }) => ({ ours: percentileOf(p, cold), theirs: percentileOf(p, warm) }));
  const writes = rounds.flatMap(({ writes }) => writes ?? []);
  return [
    row('cold pod, Start to prompt p50, ms', 'warm claim', pairs(50), { op: '>=', value: 10 }),
    row('cold pod, Start to prompt p95, ms', 'warm claim', pairs(95), { op: '>=', value: 10 }),
    ...(writes.length === 0 ? [] : writeRows(writes)),
  ];
}
function writeRows(writes: readonly Writes[]): readonly Row[] {
  const patches = writes.flatMap((one) => one.patches);
  const own = writes.flatMap((one) => one.own);
  const all = writes.map((one) => one.all);
  return [
    figure('the PATCH of a claim at the API server, ms', patches, { op: '<=', value: 15 }),
    figure('API writes of the server before the prompt', own, { op: '<=', value: 2 }),
    // held against agent-sandbox's, counted alike, in its own part
    figure('API writes of everybody until the refill is ready, a claim', all, null),
  ];
}
