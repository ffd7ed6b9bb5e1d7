import { describe, expect, it } from 'vitest';
import { Config } from '../contract/config.ts';
import { Course, Lesson } from '../contract/lesson.ts';
import { personId } from '../identity/person-id.ts';
import { explain } from './explain.ts';

const config = Config.parse({
  groups: {
    '*': { roles: ['learner'], kits: ['base'] },
    'icsc/palestra/dask': {
      labs: 5,
      kits: ['dask'],
      sizes: ['medium'],
      quota: { pods: 40 },
      sites: ['recas'],
    },
    'icsc/palestra/authors': { roles: ['author'] },
  },
  namespaces: { openings: { lake: [{ namespace: 'lake', ports: [{ port: 443 }] }] } },
});
const lesson = (id: string, needs: object) =>
  Lesson.parse({
    course: 'c',
    id,
    title: id,
    minutes: 1,
    questions: [],
    objectives: [],
    keypoints: [],
    leaves: [],
    needs,
    setup: [],
    ready: [],
    cleanup: [],
    steps: [],
    messages: {},
    folder: '/',
    hash: '',
  });
const course = (id: string, groups: string[], ...lessons: Lesson[]) =>
  Course.parse({
    id,
    title: id,
    summary: '',
    audience: '',
    authors: [],
    licence: '',
    kit: 'base',
    services: [],
    groups,
    lessons,
    folder: '/',
  });
const courses = [
  course('open', [], lesson('one', {}), lesson('jobs', { cluster: { roles: ['jobs'] } })),
  course(
    'closed',
    ['/icsc/palestra/dask'],
    lesson('dask', { kit: 'dask', cluster: { roles: ['dask'], size: 'medium', opens: ['lake'] } }),
  ),
  course('broken', [], lesson('large', { cluster: { size: 'large' } })),
];
const ada = { id: personId('https://iam.example.org', 'ada'), login: 'ada' };
const explained = (groups: string[]) => explain({ ...ada, groups }, config, courses, 0);
const answers = (groups: string[]) =>
  Object.fromEntries(explained(groups).lessons.map(({ lesson, why }) => [lesson, why]));

describe('an explanation of somebody’s access', () => {
  it('says for each lesson yes, or why not', () => {
    expect(answers(['icsc/palestra/dask'])).toEqual({
      'open/one': null,
      'open/jobs': null,
      'closed/dask': null,
      'broken/large': expect.stringContaining('your groups grant small, medium') as string,
    });
    expect(answers([])['closed/dask']).toMatch(/open to certain groups/);
  });
  it('says which group grants what, and which name is almost another', () => {
    const { groups } = explained(['icsc/palestra/dask', 'ICSC/palestra/authors', 'icsc']);
    expect(groups.map(({ group, grants, almost }) => [group, grants !== null, almost])).toEqual([
      ['*', true, undefined],
      ['icsc/palestra/dask', true, undefined],
      ['ICSC/palestra/authors', false, 'icsc/palestra/authors'],
      ['icsc', false, undefined],
    ]);
  });
  it('shows what the cluster would hold: all their lessons together, as large as the largest', () => {
    const { objects, namespace } = explained(['icsc/palestra/dask']);
    expect(namespace).toMatch(/^palestra-u-[0-9a-f]{12}$/);
    const bound = objects.flatMap((o) => (o.kind === 'RoleBinding' ? [o.roleRef.name] : []));
    expect(bound).toEqual([
      'palestra-server-in-namespace',
      'palestra-lesson-look',
      'palestra-lesson-jobs',
      'palestra-lesson-dask',
    ]);
    const quota = objects.find((o) => o.kind === 'ResourceQuota');
    expect(quota?.spec?.hard).toMatchObject({ pods: '40', 'limits.memory': '12Gi' });
    expect(objects[0]?.metadata.labels).toMatchObject({ 'palestra.dev/sites': 'recas' });
  });
  it('says so where no learner is given a namespace, and shows nothing of one', () => {
    const namespaces = { ...config.namespaces, enabled: false };
    const { lessons, objects } = explain({ ...ada, groups: [] }, { ...config, namespaces }, courses, 0);
    const why = Object.fromEntries(lessons.map((one) => [one.lesson, one.why]));
    expect(why['open/one']).toBeNull();
    expect(why['open/jobs']).toContain('namespaces.enabled');
    expect(objects).toEqual([]);
  });
  it('shows the jobs lesson alone to whoever has only that', () => {
    const quota = explained([]).objects.find((o) => o.kind === 'ResourceQuota');
    expect(quota?.spec?.hard).toMatchObject({ pods: '10' });
  });
});
