/** What a server costs that has a thousand pods in its watch and nothing to do. */
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterWorld } from '../../stack/cluster/world.ts';
import type { Part } from '../parts.ts';
import { cpuSeconds, treeOf } from '../processes.ts';
import { figure } from '../table.ts';
import { residentBytes } from '../terminals.ts';
import { recordedPods } from './recorded-pods.ts';

const PODS = 1000;
const WINDOWS = 3;
/** a watch ends and begins anew within 45 s */
const WINDOW_MS = 15_000;

export const watched: Part = {
  name: `${PODS} pods in the watch`,
  async run(say) {
    await using on = await clusterWorld({ warm: { base: 0 } });
    await using _pods = await recordedPods(on.namespace, PODS);
    say(`${PODS} pods were written to the cluster; a server starts anew and lists them`);
    await on.world.restart();
    await sleep(10_000);
    const [megabytes, percents]: [number[], number[]] = [[], []];
    for (let i = 0; i < WINDOWS; i += 1) {
      const pids = await treeOf(on.world.pid);
      const before = await cpuSeconds(pids);
      await sleep(WINDOW_MS);
      percents.push(((await cpuSeconds(pids)) - before) / (WINDOW_MS / 100_000));
      megabytes.push((await residentBytes(on.world.pid)) / 1e6);
    }
    const seen = await countOf(on.world.url);
    return [
      figure('pods that it has seen', [seen], { op: '>=', value: PODS }),
      figure(`server with ${PODS} pods (objects without a kubelet), resident, MB`, megabytes, {
        op: '<=',
        value: 300,
      }),
      figure(`the same idle, % of a core`, percents, { op: '<=', value: 5 }),
    ];
  },
};

/** as its own metrics count them */
async function countOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^palestra_sandboxes\{[^}]*warm[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0);
}
