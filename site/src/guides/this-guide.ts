/** The guide of a page, as the catalogue reads it; translations are the English guide. */
import type { Lesson } from '../../../sandbox-server/contract/lesson.ts';
import { guides } from '../courses/catalogue.ts';

/** @param id of the page among the docs: `guides/NAME`, `it/guides/NAME`. @throws where a page names a kit and is no guide */
export async function guideOf(id: string): Promise<Lesson> {
  const name = id.split('/').at(-1) ?? '';
  const guide = (await guides()).lessons.find((lesson) => lesson.id === name);
  if (guide === undefined)
    throw new Error(
      `${id} names a kit, but only pages in guides/ with an English guide of that name are proven.`,
    );
  return guide;
}
