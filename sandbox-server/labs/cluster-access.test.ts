/** A lab whose lesson uses the cluster: vetted before anything is taken, opened, kept over a restart, ended. The real cluster is in tests/stack/namespaces. */
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../contract/errors.ts';
import { ClusterNeed } from '../contract/namespace.ts';
import type { LabAccess } from '../namespaces/face.ts';
import { contextOf } from './labs.ts';
import { sweepCluster } from './sweeper.ts';
import { course, lesson, step } from './testing/courses.ts';
import { ground, type Ground } from './testing/ground.ts';

let g: Ground;
afterEach(() => g?.close());

/** A cluster that notes what it is asked. */
function cluster(trouble: { vet?: Problem; open?: Problem; end?: Problem } = {}) {
  const asked: string[] = [];
  const living: boolean[] = [];
  const fail = (problem: Problem | undefined) =>
    problem === undefined ? Promise.resolve() : Promise.reject(problem);
  const access: LabAccess = {
    vet() {
      if (trouble.vet !== undefined) throw trouble.vet;
    },
    open({ person, needs }, onStage) {
      onStage('Preparing your namespace on the cluster');
      asked.push(`open ${person.login}: ${needs.flatMap(({ roles }) => roles).join(' ')}`);
      return fail(trouble.open);
    },
    resume: ({ person }) => void asked.push(`resume ${person.login}`),
    stop: () => void asked.push('stop'),
    end: ({ login }) => {
      asked.push(`end ${login}`);
      return fail(trouble.end);
    },
    async sweep(isAlive) {
      for (const lab of [
        'nobody’s',
        ...(await g.store.db.selectFrom('labs').select('id').execute()).map(({ id }) => id),
      ])
        living.push(await isAlive(lab));
    },
    close: () => undefined,
  };
  return { access, asked, living, told: () => asked.filter((line) => line !== 'stop') };
}
const needing = (id: string, roles: string[], after: string[] = []) => {
  const plain = lesson(id, [step('a')]);
  return { ...plain, needs: { ...plain.needs, after, cluster: ClusterNeed.parse({ roles }) } };
};
const COURSE = course([
  needing('one', ['dask']),
  lesson('two', [step('b')]),
  needing('three', ['jobs'], ['one']),
]);
const on = (access: LabAccess | undefined) => ground([COURSE], {}, { cluster: access });

describe('a lesson that uses the cluster', () => {
  it('has its namespace prepared as a stage of its start, after the sandbox is its own and before its files', async () => {
    const { access, told } = cluster();
    g = await on(access);
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'one');
    const { stages } = await g.until(ada, id, 'ready');
    expect(stages.map(({ name }) => name)).toEqual(['claiming', 'home', 'namespace', 'ready']);
    expect(stages.find(({ name }) => name === 'namespace')?.text).toMatch(/your namespace/);
    expect(told()).toEqual(['open ada: dask']);
  });

  it('where there is no cluster for learners: is refused in a sentence before a sandbox is taken', async () => {
    g = await on(undefined);
    const ada = await g.who('ada');
    await expect(g.start(ada, 'one')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^This lesson works on a Kubernetes cluster/) as string,
    });
    expect(await g.labs.list(ada)).toEqual([]);
    await g.until(ada, (await g.start(ada, 'two')).id, 'ready');
  });

  it('that groups do not grant: is refused before a sandbox is taken', async () => {
    g = await on(cluster({ vet: new Problem('forbidden', 'your groups grant small') }).access);
    await expect(g.start(await g.who('ada'), 'one')).rejects.toMatchObject({ code: 'forbidden' });
    expect(g.driver.claims).toEqual([]);
  });

  it('that cannot be opened is a start that failed, with its reason', async () => {
    g = await on(cluster({ open: new Problem('unavailable', 'The cluster is away.') }).access);
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'one');
    await expect.poll(async () => (await g.labs.get(ada, id)).state).toBe('failed');
    expect((await g.labs.get(ada, id)).problem).toMatchObject({ message: 'The cluster is away.' });
  });

  it('gives way to the next lesson: one without a need is renewed no more, one that has lessons before it has theirs too', async () => {
    const { access, asked, told } = cluster();
    g = await on(access);
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'one');
    await g.until(ada, id, 'ready');
    asked.length = 0;
    await g.start(ada, 'two');
    await g.until(ada, id, 'ready');
    expect(asked).toEqual(['stop']);
    await g.labs.end(ada, id);
    asked.length = 0;
    const next = await g.labs.start(ada, { course: COURSE.id, lesson: 'three', prepare: true });
    await g.until(ada, next.id, 'ready');
    expect(told()).toEqual(['open ada: jobs dask', 'open ada: jobs']);
  });

  it('F1 goes on after a restart, ends with its lab, and not with a pause', async () => {
    const { access, asked, told } = cluster();
    g = await on(access);
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'one');
    await g.until(ada, id, 'ready');
    await g.restart();
    expect(told()).toEqual(['open ada: dask', 'resume ada']);
    asked.length = 0;
    await g.labs.pause(ada, id);
    expect(asked).toEqual(['stop']);
    await g.labs.end(ada, id);
    expect(told()).toEqual(['end ada']);
  });

  it('ends also while the cluster is away: what is left there is swept, and only that', async () => {
    const { access, living } = cluster({ end: new Problem('unavailable', 'away') });
    g = await on(access);
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'one');
    await g.until(ada, id, 'ready');
    await sweepCluster(contextOf(g.options));
    expect(living).toEqual([false, true]);
    expect((await g.labs.end(ada, id)).state).toBe('ended');
    living.length = 0;
    await sweepCluster(contextOf(g.options));
    expect(living).toEqual([false, false]);
  });

  it('of a course that never uses it: nobody on the cluster is asked', async () => {
    const { access, told } = cluster();
    g = await ground([course([lesson('two', [step('b')])])], {}, { cluster: access });
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'two');
    await g.until(ada, id, 'ready');
    await g.labs.end(ada, id);
    expect(told()).toEqual([]);
  });
});
