/** A course in the words of schema.org, for search engines and for portals that gather training. Pure. */
import type { Course, Lesson } from '../contract/lesson.ts';

/** JSON-LD of a `Course` whose parts are `LearningResource`s; absent properties are left out. */
export type LinkedData = Readonly<Record<string, unknown>>;

/** @param site where the pages stand, such as `https://palestra.example`; '': addresses are relative to the page */
export function courseLinkedData(course: Course, site = ''): LinkedData {
  const minutes = course.lessons.reduce((sum, lesson) => sum + lesson.minutes, 0);
  const address = `${site}/courses/${course.id}/`;
  return {
    '@context': 'https://schema.org',
    '@type': 'Course',
    '@id': address,
    url: address,
    name: course.title,
    description: plain(course.summary),
    inLanguage: 'en',
    license: licenceAddress(course.licence),
    author: course.authors.map(author),
    provider: { '@type': 'Organization', name: 'Palestra' },
    audience: { '@type': 'Audience', audienceType: plain(course.audience) },
    isAccessibleForFree: true,
    learningResourceType: 'course',
    interactivityType: 'active',
    timeRequired: duration(minutes),
    teaches: course.lessons.flatMap(({ objectives }) => objectives.map(plain)),
    hasCourseInstance: {
      '@type': 'CourseInstance',
      name: course.title,
      courseMode: 'online',
      courseWorkload: duration(minutes),
    },
    hasPart: course.lessons.map((lesson, index) => lessonLinkedData(lesson, index + 1, site)),
  };
}

function lessonLinkedData(lesson: Lesson, position: number, site: string): LinkedData {
  const address = `${site}/courses/${lesson.course}/${lesson.id}/`;
  return {
    '@type': 'LearningResource',
    '@id': address,
    url: address,
    name: lesson.title,
    position,
    learningResourceType: 'lesson',
    timeRequired: duration(lesson.minutes),
    ...(lesson.objectives.length > 0 && { teaches: lesson.objectives.map(plain) }),
  };
}

/** ISO 8601. */
const duration = (minutes: number): string => `PT${minutes}M`;

/** A licence of course.yaml is an SPDX id. */
const licenceAddress = (licence: string): string =>
  `https://spdx.org/licenses/${encodeURIComponent(licence)}`;

/** schema.org knows people and organisations; 'The Palestra authors' are not one person. */
const author = (name: string): LinkedData => ({
  '@type': name.startsWith('The ') ? 'Organization' : 'Person',
  name,
});

/** Front matter is plain text but for `code`. */
const plain = (line: string): string => line.replaceAll('`', '');

/** As the content of a script element: no text of a course can end it. */
export const forScript = (data: LinkedData): string => JSON.stringify(data).replaceAll('<', '\\u003c');
