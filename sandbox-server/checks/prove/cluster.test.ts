/** Proofs of lessons that use the cluster: a namespace for each home, ended with it; skipped where there is none. */
import { describe, expect, it } from 'vitest';
import { ClusterNeed } from '../../contract/namespace.ts';
import { catalogueOf, course, lesson, step } from '../../labs/testing/courses.ts';
import { createDeskAgent } from '../../labs/testing/desk-agent.ts';
import { createDeskDriver } from '../../labs/testing/desk-driver.ts';
import type { LabAccess } from '../../namespaces/face.ts';
import { newId } from '../../sandboxes/ids.ts';
import { createTurns } from '../../sandboxes/turns.ts';
import { belongingsOf } from './belongings.ts';
import { proveLesson } from './prove-lesson.ts';
import { noServices } from './testing/no-services.ts';

const services = noServices();
const plain = lesson('plain', [step('a')]);
const needing = {
  ...plain,
  id: 'jobs',
  needs: { ...plain.needs, cluster: ClusterNeed.parse({ roles: ['jobs'] }) },
};

describe('a proof of a lesson that uses the cluster', () => {
  it('is skipped where there is none, and says how to have it', async () => {
    const of = course([needing]);
    const means = {
      catalogue: catalogueOf([of]),
      driver: createDeskDriver(),
      linkTo: () => {
        throw new Error('no sandbox is taken');
      },
      kits: { get: () => undefined, ready: () => Promise.reject(new Error('no kit is asked')) },
      services,
      keep: false,
      mutate: false,
      update: false,
      turns: createTurns(1),
      log: () => undefined,
    };
    const [first] = of.lessons;
    if (first === undefined) throw new Error('a course has lessons');
    expect(await proveLesson(means, { course: of, lesson: first })).toMatchObject({
      status: 'skipped',
      reason: 'It needs a Kubernetes cluster: prove it with --driver kubernetes.',
    });
  });

  it('plays in a namespace of nobody who was there before, which ends with the home', async () => {
    const asked: string[] = [];
    const people = new Set<string>();
    const cluster: LabAccess = {
      vet: () => undefined,
      open: ({ person, needs }) => {
        people.add(person.id);
        return Promise.resolve(void asked.push(`open ${needs.flatMap(({ roles }) => roles).join(' ')}`));
      },
      resume: () => undefined,
      stop: () => void asked.push('stop'),
      end: (person) => {
        people.add(person.id);
        return Promise.resolve(void asked.push('end'));
      },
      sweep: () => Promise.resolve(),
      close: () => undefined,
    };
    const agent = await createDeskAgent(newId());
    const driver = createDeskDriver();
    const home = () =>
      belongingsOf({
        lab: newId(),
        user: 'prover',
        agent: agent.link,
        driver,
        services,
        identity: undefined,
        cluster,
      });
    const first = home();
    await first.give(needing);
    await first.give(plain);
    await first.leave();
    expect(asked).toEqual(['open jobs', 'stop', 'end']);
    expect(people.size).toBe(1);
    const second = home();
    await second.give(needing);
    expect(people.size).toBe(2);
    const third = home();
    await third.give(plain);
    await third.leave();
    expect(asked.filter((line) => line === 'end')).toHaveLength(1);
    await agent.close();
  });
});
