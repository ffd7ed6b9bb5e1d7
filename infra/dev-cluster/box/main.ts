/**
 * The supervisor in the box: furnishes it, starts the node's programs, keeps them running, and answers at its door.
 * Its only argument is the file of its words. It is the child of an init that ends with it, and all else with that.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageLine } from '../../../sandbox-server/contract/service.ts';
import { createAsker } from './ask.ts';
import { boot } from './boot.ts';
import { daemonsOf, type Daemon } from './daemons.ts';
import { connect, furnish } from './inside.ts';
import { memoryOf, memoryOfOthers } from './memory.ts';
import { LABELS, type Stage } from './stages.ts';
import { openSteward, type Story } from './steward.ts';
import { supervise, type Supervised } from './supervised.ts';
import type { BoxWords } from './words.ts';

const words = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as BoxWords;
const { place } = words;
const running: Supervised[] = [];
const steward = await openSteward({
  socket: place.supervisorSocket,
  revision: words.revision,
  parts: () => running,
  memory: memoryOf,
  others: () => memoryOfOthers(new Set(running.flatMap(({ pid }) => (pid === null ? [] : [pid])))),
});
const asker = createAsker(place);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end());

try {
  await Promise.all([furnish(place), connect(place)]);
  await boot({ words, daemons: daemonsOf(place, words.binaries), asker, start, staged: stagedBy(steward) });
  steward.end(null);
} catch (error) {
  console.error(error);
  // what runs is left to be looked at; the next `up` opens another box
  steward.end(error instanceof Error ? error.message : String(error));
}

function start(daemon: Daemon): Supervised {
  const one = supervise(daemon, {
    log: join(place.folders.log, `${daemon.name}.log`),
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      HOME: '/run/palestra',
    },
    cwd: place.folders.run,
    ask: (asked) => asker.ready(asked),
  });
  running.push(one);
  return one;
}

/** kubelet first, so that nothing is started anew; etcd last. The pods end with the box. */
async function end(): Promise<void> {
  const etcd = running.filter(({ name }) => name === 'etcd');
  await Promise.all(running.filter((one) => !etcd.includes(one)).map((one) => one.stop(3_000)));
  await Promise.all(etcd.map((one) => one.stop(3_000)));
  await steward.close();
  process.exit(0);
}

function stagedBy(story: Story): (stage: Stage, work: () => Promise<void>) => Promise<void> {
  return async (stage, work) => {
    const began = performance.now();
    const line = (state: StageLine['state'], more: Partial<StageLine> = {}) =>
      story.tell({ stage, state, label: LABELS[stage], ...more });
    const seconds = () => Math.round((performance.now() - began) / 100) / 10;
    line('begun');
    try {
      await work();
    } catch (error) {
      const label = `${LABELS[stage]}: ${error instanceof Error ? error.message : String(error)}`;
      line('failed', { seconds: seconds(), label: label.slice(0, 300) });
      throw error;
    }
    line('done', { seconds: seconds() });
  };
}
