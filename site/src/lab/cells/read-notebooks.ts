/** The notebooks of the page's cells, read from the learner's home and again whenever they change there. */
import { effect, signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { createFiles } from '../editor/files.ts';
import { Refused } from '../server.ts';
import type { Work } from '../work.ts';
import { cellsIn } from './notebook.ts';
import type { ShownCell } from './notebook.ts';

export type Notebook = Signal<ReadonlyMap<string, ShownCell>>;
export interface Notebooks {
  /** @param file in the home; its cells of this lesson by action, empty until it was read */
  of(file: string): Notebook;
}

export function readNotebooks(work: Work): Notebooks {
  const known = new Map<string, Notebook>();
  return {
    of(file) {
      const before = known.get(file);
      if (before !== undefined) return before;
      const notebook: Notebook = signal(new Map());
      known.set(file, notebook);
      follow(work, file, notebook);
      return notebook;
    },
  };
}

/** One reading at a time; what changes meanwhile is read once more. */
function follow(work: Work, file: string, notebook: Notebook): void {
  let reading = false;
  let again = false;
  const read = async (): Promise<void> => {
    const lab = work.lab.value?.id;
    if (lab === undefined) return;
    again = reading;
    if (reading) return;
    reading = true;
    try {
      do {
        again = false;
        const content = await createFiles(work.server, lab).read(file);
        if (content.kind === 'text') notebook.value = cellsIn(content.text, work.page.lesson);
      } while (again);
    } catch (error) {
      // no notebook yet, or no sandbox: what is shown stays
      if (!(error instanceof Refused)) throw error;
    } finally {
      reading = false;
    }
  };
  work.fileListeners.add((changes) => {
    if (changes.some(({ path, change }) => path === file && change !== 'deleted')) void read();
  });
  effect(() => {
    // also after the stream was cut: a change may have gone unheard
    if (work.lab.value?.state === 'ready' && work.stream.value === 'open') void read();
  });
}
