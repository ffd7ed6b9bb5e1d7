/** Tree, tabs of open files, and the place where Monaco draws; what happened to a file is said over it. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { TabList } from '../layout/tabs.tsx';
import { clock } from '../layout/status-line.tsx';
import { ask } from '../layout/dialog.ts';
import type { Work } from '../work.ts';
import type { Editor, OpenFile } from './editor.ts';
import { FileTree } from './file-tree.tsx';
import type { Files } from './files.ts';
import type { Monaco } from './monaco.ts';
import { nameOf } from './tree.ts';
import { say } from '../words/editor.ts';

export interface EditorParts {
  readonly editor: Editor;
  readonly files: Files;
  /** Monaco once it was loaded */
  readonly monaco: () => Monaco | null;
  /** forgets timers, listeners and Monaco */
  readonly close: () => void;
  /** where Monaco draws */
  readonly host: HTMLElement;
}

export function EditorPanel({ work, parts, shown }: { work: Work; parts: EditorParts; shown: boolean }) {
  const { editor, files } = parts;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.append(parts.host), [parts]);
  const open = editor.files.value;
  const current = open.find(({ path }) => path === editor.current.value);
  parts.host.hidden = current?.buffer == null;
  return (
    <div
      class="lab-editor"
      role="tabpanel"
      id="lab-upper-editor"
      aria-labelledby="lab-upper-tab-editor"
      hidden={!shown}
    >
      <FileTree work={work} files={files} editor={editor} />
      <div class="lab-editor-main">
        {open.length > 0 && (
          <div class="lab-file-tabs">
            <TabList
              label={say('Open files')}
              prefix="lab-file"
              current={editor.current.value ?? ''}
              tabs={open.map((file) => ({
                id: file.path,
                title: nameOf(file.path),
                mark: file.doc.value.at === 'clean' ? null : 'dirty',
                close: () => void closeFile(editor, file),
              }))}
              onSelect={(path) => void editor.open(path)}
            />
            {current?.buffer != null && (
              <button
                type="button"
                class="quiet"
                disabled={current.doc.value.at === 'clean'}
                title="Ctrl+S"
                onClick={() => void editor.save(current.path)}
              >
                {current.doc.value.at === 'saving' ? say('Saving…') : say('Save')}
              </button>
            )}
          </div>
        )}
        {current && <FileWord editor={editor} parts={parts} file={current} key={current.path} />}
        {editor.problem.value !== null && (
          <p class="lab-scene lab-word bad" role="alert">
            {editor.problem.value}
          </p>
        )}
        {current === undefined && editor.problem.value === null && (
          <div class="lab-scene lab-quiet">
            <p>
              {editor.opening.value
                ? say('Opening the editor…')
                : say('Choose a file on the left, or make one.')}
            </p>
            <p>
              <kbd>Ctrl</kbd> <kbd>S</kbd>
              {say(' saves · ')}
              <kbd>Ctrl</kbd> <kbd>M</kbd>
              {say(' lets ')}
              <kbd>Tab</kbd>
              {say(' leave the editor')}
            </p>
          </div>
        )}
        {current?.why != null && (
          <div class="lab-scene">
            <p>{current.why}</p>
            <a class="run" href={files.downloadAddress(current.path)} download={nameOf(current.path)}>
              {say('Download {0}', nameOf(current.path))}
            </a>
          </div>
        )}
        <div
          class="lab-monaco"
          ref={place}
          id={`lab-file-${editor.current.value ?? ''}`}
          role="tabpanel"
          aria-label={current === undefined ? say('No file') : nameOf(current.path)}
        />
      </div>
    </div>
  );
}

async function closeFile(editor: Editor, file: OpenFile): Promise<void> {
  const { at } = file.doc.value;
  if (
    at !== 'clean' &&
    !(await ask({
      title: say('Close {0}?', nameOf(file.path)),
      text: say('It has changes that are not saved.'),
      yes: say('Close without saving'),
      no: say('Keep it open'),
      loses: true,
    }))
  )
    return;
  if (at !== 'clean') await editor.discardDraft(file.path);
  editor.close(file.path);
}

/** Drafts, conflicts and failed saves: each a sentence and a way on. */
function FileWord({ editor, parts, file }: { editor: Editor; parts: EditorParts; file: OpenFile }) {
  const [comparing, setComparing] = useState(false);
  const doc = file.doc.value;
  const draft = file.draft.value;
  if (doc.at === 'conflict') {
    return (
      <>
        <div class="lab-banner conflict" role="alert">
          <span>
            {doc.theirs === null
              ? say('Somebody deleted this file meanwhile.')
              : say(
                  'Another tab or a program saved this file meanwhile. Yours is kept here, theirs on the sandbox.',
                )}
          </span>
          {doc.theirs !== null && (
            <button type="button" aria-pressed={comparing} onClick={() => setComparing(!comparing)}>
              {say('Compare')}
            </button>
          )}
          <button type="button" onClick={() => void editor.keepMine(file.path)}>
            {say('Keep mine')}
          </button>
          <button type="button" onClick={() => void editor.takeTheirs(file.path)}>
            {doc.theirs === null ? say('Let it go') : say('Take theirs')}
          </button>
        </div>
        {comparing && doc.theirs !== null && <Compare parts={parts} file={file} theirs={doc.theirs} />}
      </>
    );
  }
  if (draft !== null) {
    return (
      <div class="lab-banner draft" role="status">
        <span>{say('Text that was not saved, from {0}, is still here.', clock(draft.at))}</span>
        <button type="button" onClick={() => editor.restoreDraft(file.path)}>
          {say('Bring it back')}
        </button>
        <button type="button" onClick={() => void editor.discardDraft(file.path)}>
          {say('Throw it away')}
        </button>
      </div>
    );
  }
  if (doc.at === 'dirty' && doc.problem !== null) {
    return (
      <div class="lab-banner conflict" role="alert">
        <span>{say('{0} Your text is kept in this browser.', doc.problem)}</span>
        <button type="button" onClick={() => void editor.save(file.path)}>
          {say('Save again')}
        </button>
      </div>
    );
  }
  return null;
}

function Compare({ parts, file, theirs }: { parts: EditorParts; file: OpenFile; theirs: string }) {
  const host = useRef<HTMLDivElement>(null);
  const buffer = useMemo(() => file.buffer, [file]);
  useEffect(() => {
    let diff: Disposable | null = null;
    let gone = false;
    void parts.files.read(file.path).then((content) => {
      const monaco = parts.monaco();
      if (gone || content.kind !== 'text' || buffer === null || host.current === null || monaco === null)
        return;
      diff = monaco.compare(host.current, content.text, buffer);
    });
    return () => {
      gone = true;
      diff?.[Symbol.dispose]();
    };
  }, [theirs]);
  return (
    <div
      class="lab-compare"
      ref={host}
      role="group"
      aria-label={say('Theirs on the left, yours on the right')}
    />
  );
}
