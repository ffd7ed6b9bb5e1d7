/** Which lessons a change touches: their own files, their course's fixtures, their kit, a service they need. Pure. */
import { GUIDES } from '../../catalogue/guides.ts';
import type { Course, Lesson } from '../../contract/lesson.ts';
import { nameOf, played } from './select.ts';

/**
 * @param files that differ, relative to the checkout, POSIX
 * @returns names of lessons, those that build on a changed one too
 */
export function changedLessons(courses: readonly Course[], files: readonly string[]): string[] {
  const all = courses.flatMap((course) => course.lessons.map((lesson) => ({ course, lesson })));
  return all.filter((one) => played(one).some((lesson) => touches(one.course, lesson, files))).map(nameOf);
}

function touches(course: Course, { id, needs }: Lesson, files: readonly string[]): boolean {
  if (course.id === GUIDES)
    return files.some(
      (file) => file.endsWith(`/guides/${id}.md`) || file.startsWith(`infra/kits/${needs.kit}/`),
    );
  const home = `courses/${course.id}`;
  const folders = [
    `${home}/${id}/`,
    `${home}/fixtures/`,
    `infra/kits/${needs.kit}/`,
    ...needs.services.map((service) => `infra/${service}/`),
  ];
  const shared = [`${home}/course.yaml`, 'infra/kits/uv.lock'];
  return files.some((file) => shared.includes(file) || folders.some((folder) => file.startsWith(folder)));
}
