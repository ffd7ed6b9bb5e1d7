/** The courses as the catalogue parses them: once a build; in development again whenever a page asks and 1 s passed. */
import type { Catalogue } from '../../../sandbox-server/catalogue/face.ts';
import { loadCatalogue } from '../../../sandbox-server/catalogue/load.ts';

const staleAfter = import.meta.env.DEV ? 1000 : Infinity;
let loaded: { at: number; catalogue: Promise<Catalogue> } | undefined;

export function catalogue(): Promise<Catalogue> {
  if (loaded === undefined || Date.now() - loaded.at > staleAfter)
    loaded = { at: Date.now(), catalogue: loadCatalogue('courses') };
  return loaded.catalogue;
}
