/** The editor of one lab with everything real: files over HTTP, drafts in IndexedDB, Monaco loaded at the first file. */
import { ask } from '../layout/dialog.ts';
import type { FileChange } from '../../../../sandbox-server/contract/files.ts';
import type { Work } from '../work.ts';
import { openDrafts } from './drafts.ts';
import { createEditor } from './editor.ts';
import type { EditorParts } from './editor-panel.tsx';
import { createFiles } from './files.ts';
import type { Monaco } from './monaco.ts';
import { say } from '../words/editor.ts';

export async function makeEditor(work: Work, lab: string): Promise<EditorParts> {
  const host = document.createElement('div');
  host.className = 'lab-monaco-host';
  const files = createFiles(work.server, lab);
  let monaco: Promise<Monaco> | null = null;
  let loaded: Monaco | null = null;
  const loadText = (): Promise<Monaco> => {
    monaco ??= import('./monaco.ts').then(({ createMonaco }) =>
      createMonaco(host, () => editor.current.value !== null && void editor.save(editor.current.value)),
    );
    return monaco.then((ready) => (loaded = ready));
  };
  const editor = createEditor({
    files,
    lab,
    drafts: await openDrafts(),
    loadText,
    onState: (unsaved, savedAt) => {
      work.unsaved.value = unsaved;
      if (savedAt !== null) work.savedAt.value = savedAt;
    },
  });
  const listener = (changes: readonly FileChange[]): void => editor.changed(changes);
  work.fileListeners.add(listener);
  const close = (): void => {
    work.fileListeners.delete(listener);
    work.saveAll = () => Promise.resolve([]);
    editor[Symbol.dispose]();
    loaded?.[Symbol.dispose]();
  };
  work.saveAll = () => editor.saveAll();
  work.openFile = async (path, marker) => {
    showEditor(work);
    await editor.open(path, marker);
  };
  work.insert = (edit) => {
    showEditor(work);
    return editor.insert(edit, () =>
      ask({
        title: say('Replace {0}?', edit.file),
        text: say(
          'The lesson gives the whole file. What stands in it now is replaced; Ctrl+Z in the editor brings it back.',
        ),
        yes: say('Replace it'),
        no: say('Leave it'),
      }),
    );
  };
  return { editor, files, monaco: () => loaded, host, close };
}

function showEditor(work: Work): void {
  work.upper.value = 'editor';
  work.seen.value = 'upper';
}
