import { afterEach, describe, expect, it } from 'vitest';
import { ground, type Ground } from '../../labs/testing/ground.ts';
import type { KeptHomes } from '../kept-homes.ts';
import { readPod } from './objects/pod.ts';
import type { PodView } from './objects/pod.ts';
import { createPodHomes } from './pod-homes.ts';
import { podObject } from './testing/api-double.ts';
import type { Json } from './testing/api-double.ts';

let g: Ground;
afterEach(() => g.close());
const NOTE = 'Your files as saved at 10:00 could not be read back, so these are the ones of 09:55.';

describe('a home that is an older one', () => {
  it('is said so to its learner, and stands there still once the lab is ready', async () => {
    g = await ground();
    const restoreInto: KeptHomes['restoreInto'] = (_home, _link, onRestore) => {
      onRestore?.(1, 1);
      return Promise.resolve({ savedAt: 1, bytes: 1, note: NOTE });
    };
    const place = { homes: { restoreInto } as KeptHomes, linkTo: () => ({}) as never };
    const homes = createPodHomes(place, () => Promise.resolve());
    await g.labs.close();
    g.options = {
      ...g.options,
      driver: {
        ...g.driver,
        async claim(request) {
          await homes.bring(viewOf(request.lab), request);
          return g.driver.claim(request);
        },
      },
    };
    g.rewire();
    const ada = await g.who('ada');
    const { id, stages } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    expect(stages.map(({ text }) => text)).toContain(NOTE);
    expect(g.events).toContainEqual({ type: 'warning', lab: id, text: NOTE });
  });
});

function viewOf(lab: string): PodView {
  const pod = podObject('pod', { lab });
  return readPod({ ...pod, metadata: { ...(pod['metadata'] as Json), resourceVersion: '1' } });
}
