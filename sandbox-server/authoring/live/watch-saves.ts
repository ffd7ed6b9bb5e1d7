/** What was saved below a checkout, put together: an editor writes a file in several strokes. */
import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

export interface Saves {
  /** folders of courses in which something was saved */
  readonly courses: ReadonlySet<string>;
  /** whether a guide was, in English */
  readonly guides: boolean;
  /** whether a translation, a style or a script of the site was */
  readonly site: boolean;
  /** when the last stroke came, ms since the epoch */
  readonly at: number;
}
/** Longer than an editor's strokes are apart, and too short to be felt. */
const SETTLE_MS = 40;
/** What editors leave beside a file while they write it. */
const PASSING = /(?:^|\/)(?:\.[^/]*|[^/]*~|4913|[^/]*\.sw[a-z])$/;
/** Below `site/`. Any other file there is shown by a build alone. */
const GUIDE = /^src\/content\/docs\/guides\/[^/]+\.md$/;

/** @param work is called again only once it has ended; what is saved meanwhile is its next */
export function watchSaves(root: string, work: (saves: Saves) => Promise<void>): Disposable {
  let courses = new Set<string>();
  let guides = false;
  let site = false;
  let at = 0;
  let timer: NodeJS.Timeout | undefined;
  let working = false;
  const arm = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void go(), SETTLE_MS);
  };
  const go = async (): Promise<void> => {
    if (working) return;
    const saves = { courses, guides, site, at };
    [courses, guides, site] = [new Set(), false, false];
    working = true;
    try {
      await work(saves);
    } finally {
      working = false;
    }
    if (courses.size > 0 || guides || site) arm();
  };
  const noted = (file: string | null, note: (file: string) => void): void => {
    if (file === null || PASSING.test(file)) return;
    note(file);
    at = Date.now();
    arm();
  };
  const watchers: FSWatcher[] = [
    watch(join(root, 'courses'), { recursive: true }, (_event, file) =>
      noted(file, (path) => courses.add(path.split('/')[0] ?? '')),
    ),
    watch(join(root, 'site'), { recursive: true }, (_event, file) =>
      noted(file, (path) => {
        if (GUIDE.test(path)) guides = true;
        else site = true;
      }),
    ),
  ];
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
