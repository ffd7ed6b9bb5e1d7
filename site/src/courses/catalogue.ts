/** The courses as the catalogue parses them: once a build; in development again whenever a page asks and 1 s passed. */
import type { Catalogue } from '../../../sandbox-server/catalogue/face.ts';
import { loadGuides } from '../../../sandbox-server/catalogue/guides.ts';
import { loadCatalogue } from '../../../sandbox-server/catalogue/load.ts';
import type { Course } from '../../../sandbox-server/contract/lesson.ts';

const staleAfter = import.meta.env.DEV ? 1000 : Infinity;
let loaded: { at: number; catalogue: Promise<Catalogue> } | undefined;

let guidesLoaded: { at: number; guides: Promise<Course> } | undefined;

/** Guides that are proven, as the course that they are. */
export function guides(): Promise<Course> {
  if (guidesLoaded === undefined || Date.now() - guidesLoaded.at > staleAfter)
    guidesLoaded = { at: Date.now(), guides: loadGuides('.') };
  return guidesLoaded.guides;
}

export function catalogue(): Promise<Catalogue> {
  if (loaded === undefined || Date.now() - loaded.at > staleAfter)
    loaded = { at: Date.now(), catalogue: loadCatalogue('courses') };
  return loaded.catalogue;
}
