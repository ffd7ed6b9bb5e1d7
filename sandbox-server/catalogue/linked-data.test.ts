import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Course } from '../contract/lesson.ts';
import { courseLinkedData, forScript } from './linked-data.ts';
import { loadCatalogue } from './load.ts';

let courses: readonly Course[];
beforeAll(async () => {
  courses = (await loadCatalogue(join(import.meta.dirname, '../../courses'))).courses;
});

type Kind = 'text' | 'url' | 'boolean' | 'integer' | 'duration' | readonly string[];
const THING = { name: 'text', description: 'text', url: 'url' } as const;
const CREATIVE_WORK = {
  ...THING,
  audience: ['Audience'],
  author: ['Person', 'Organization'],
  hasPart: ['LearningResource', 'Course'],
  inLanguage: 'text',
  interactivityType: 'text',
  isAccessibleForFree: 'boolean',
  learningResourceType: 'text',
  license: 'url',
  position: 'integer',
  provider: ['Person', 'Organization'],
  teaches: 'text',
  timeRequired: 'duration',
} as const;
/** What schema.org allows of each type that we use: its properties, those of the types above it, and their ranges. */
const TERMS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  Course: { ...CREATIVE_WORK, coursePrerequisites: 'text', hasCourseInstance: ['CourseInstance'] },
  LearningResource: CREATIVE_WORK,
  CourseInstance: { ...THING, courseMode: 'text', courseWorkload: 'text' },
  Audience: { ...THING, audienceType: 'text' },
  Person: THING,
  Organization: THING,
};
const SHAPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string' && value !== '',
  url: (value) => typeof value === 'string' && /^(https?:\/\/|\/)\S+$/.test(value),
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
  duration: (value) => typeof value === 'string' && /^PT[1-9]\d*M$/.test(value),
};

/** Everything that is not of schema.org, as a path. */
function strange(node: unknown, path: string): string[] {
  if (typeof node !== 'object' || node === null) return [`${path}: no thing`];
  const { '@type': type, '@id': id, '@context': context, ...properties } = node as Record<string, unknown>;
  const allowed = TERMS[String(type)];
  if (allowed === undefined) return [`${path}: ${String(type)}`];
  const head = [
    ...(id === undefined || SHAPES['url']?.(id) ? [] : [`${path}/@id`]),
    ...(context === undefined || context === 'https://schema.org' ? [] : [`${path}/@context`]),
  ];
  const each = Object.entries(properties).flatMap(([name, value]) =>
    [value].flat().flatMap((one: unknown) => wrong(allowed[name], one, `${path}/${name}`)),
  );
  return [...head, ...each];
}

function wrong(kind: Kind | undefined, value: unknown, path: string): string[] {
  if (kind === undefined) return [`${path}: unknown`];
  if (typeof kind === 'string') return SHAPES[kind]?.(value) === true ? [] : [`${path}: no ${kind}`];
  const type = (value as Record<string, unknown>)['@type'];
  return kind.includes(String(type)) ? strange(value, path) : [`${path}: ${String(type)}`];
}

describe('a course in linked data', () => {
  it('is a Course of schema.org: every term is of its type, every value of its range', () => {
    expect(courses.length).toBeGreaterThan(1);
    for (const site of ['', 'https://palestra.example'])
      expect(courses.flatMap((course) => strange(courseLinkedData(course, site), course.id))).toEqual([]);
  });

  it('what is not of schema.org would be seen', () => {
    expect(strange({ '@type': 'Course', title: 'x', timeRequired: '5 min', author: 'me' }, 'c')).toEqual([
      'c/title: unknown',
      'c/timeRequired: no duration',
      'c/author: undefined',
    ]);
  });

  it('says how long, what one learns and which lessons, in their order', () => {
    const course = courses.find(({ id }) => id === 'dask') ?? expect.fail();
    const minutes = course.lessons.reduce((sum, lesson) => sum + lesson.minutes, 0);
    const parts = course.lessons.map(
      ({ id, title }, index) =>
        expect.objectContaining({
          url: `https://x.example/courses/dask/${id}/`,
          name: title,
          position: index + 1,
        }) as unknown,
    );
    expect(courseLinkedData(course, 'https://x.example')).toMatchObject({
      '@type': 'Course',
      name: course.title,
      license: 'https://spdx.org/licenses/CC-BY-4.0',
      timeRequired: `PT${minutes}M`,
      author: [{ '@type': 'Organization' }],
      hasPart: parts,
    });
  });

  it('cannot end the element that it stands in', () => {
    const [course] = courses;
    const text = forScript(courseLinkedData({ ...(course ?? expect.fail()), title: '</script><b>' }));
    expect(text).not.toContain('<');
    expect(JSON.parse(text)).toMatchObject({ name: '</script><b>' });
  });
});
