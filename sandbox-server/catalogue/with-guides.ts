/** Guides beside the courses of a catalogue: found by name, in no list. */
import type { Course } from '../contract/lesson.ts';
import type { Catalogue } from './face.ts';
import { GUIDES } from './guides.ts';
import { publicLesson } from './public-lesson.ts';

/** @param guides asked each time: an author's loop changes them */
export function withGuides(catalogue: Catalogue, guides: () => Course): Catalogue {
  const isGuides = (course: string): boolean => course === GUIDES;
  const guide = (id: string) => guides().lessons.find((each) => each.id === id);
  return {
    // asked each time: an author's loop changes them
    get courses() {
      return catalogue.courses;
    },
    course: (id) => (isGuides(id) ? guides() : catalogue.course(id)),
    lesson: (course, id) => (isGuides(course) ? guide(id) : catalogue.lesson(course, id)),
    step: (course, lesson, id) =>
      isGuides(course)
        ? guide(lesson)?.steps.find((each) => each.id === id)
        : catalogue.step(course, lesson, id),
    publicLesson: (course, id) =>
      isGuides(course) ? publicLesson(guides(), id) : catalogue.publicLesson(course, id),
    filesFor: (lesson) => catalogue.filesFor(lesson),
    fixturesFor: (lesson) => (isGuides(lesson.course) ? Promise.resolve([]) : catalogue.fixturesFor(lesson)),
  };
}
