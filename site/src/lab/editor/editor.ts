/**
 * The editor without its drawing: which files are open, what happened to each, saving, drafts, and what other tabs
 * and programs do to the same files. Text lives in a buffer (Monaco's model in a page), loaded at the first opening.
 */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { FileChange } from '../../../../sandbox-server/contract/files.ts';
import { Refused, sentence } from '../server.ts';
import { nextDoc } from './document.ts';
import type { Doc, DocEvent } from './document.ts';
import type { Draft, Drafts } from './drafts.ts';
import type { Files } from './files.ts';
import { insertEdit, lineOf } from './insert.ts';
import { say } from '../words/editor.ts';

export interface TextBuffer extends Disposable {
  get(): string;
  /** one undoable edit */
  set(text: string): void;
  onChange(listener: () => void): void;
}
/** What shows buffers; made when the first file opens. */
export interface TextEditor {
  buffer(path: string, text: string): TextBuffer;
  show(buffer: TextBuffer): void;
  reveal(line: number): void;
  focus(): void;
}

export interface OpenFile {
  readonly path: string;
  readonly doc: Signal<Doc>;
  /** null: not shown, and `why` says so */
  readonly buffer: TextBuffer | null;
  readonly why: string | null;
  /** unsaved text of a tab that was closed, offered */
  readonly draft: Signal<Draft | null>;
  /** the text as it stands on the sandbox, as far as we know */
  saved: string;
}

export interface Editor extends Disposable {
  readonly files: Signal<readonly OpenFile[]>;
  readonly current: Signal<string | null>;
  /** the last failure to open something; null: none */
  readonly problem: Signal<string | null>;
  readonly opening: Signal<boolean>;
  open(path: string, marker?: string): Promise<OpenFile | null>;
  /** @returns whether it is saved now */
  save(path: string): Promise<boolean>;
  saveAll(): Promise<readonly string[]>;
  close(path: string): void;
  keepMine(path: string): Promise<void>;
  takeTheirs(path: string): Promise<void>;
  restoreDraft(path: string): void;
  discardDraft(path: string): Promise<void>;
  /** @returns what was done, in a sentence */
  insert(
    edit: { file: string; at: string | undefined; code: string },
    mayReplace: () => Promise<boolean>,
  ): Promise<string>;
  changed(changes: readonly FileChange[]): void;
}

export interface EditorOptions {
  readonly files: Files;
  readonly lab: string;
  readonly drafts: Drafts;
  readonly loadText: () => Promise<TextEditor>;
  readonly onState: (unsaved: readonly string[], savedAt: number | null) => void;
}

const DRAFT_AFTER_MS = 400;
const LOOK_AFTER_MS = 200;

export function createEditor({ files: home, lab, drafts, loadText, onState }: EditorOptions): Editor {
  const files = signal<readonly OpenFile[]>([]);
  const current = signal<string | null>(null);
  const problem = signal<string | null>(null);
  const opening = signal(false);
  const drafting = new Map<string, ReturnType<typeof setTimeout>>();
  const looking = new Map<string, ReturnType<typeof setTimeout>>();
  let text: TextEditor | null = null;
  let savedAt: number | null = null;
  const find = (path: string): OpenFile | undefined => files.value.find((file) => file.path === path);

  function step(file: OpenFile, event: DocEvent): void {
    file.doc.value = nextDoc(file.doc.value, event);
    onState(unsaved(), savedAt);
  }
  const unsaved = (): string[] =>
    files.value
      .filter(({ doc, buffer }) => buffer !== null && doc.value.at !== 'clean')
      .map(({ path }) => path);

  function select(file: OpenFile, marker?: string): void {
    current.value = file.path;
    if (file.buffer === null || text === null) return;
    text.show(file.buffer);
    if (marker !== undefined) text.reveal(lineOf(file.buffer.get(), marker));
    text.focus();
  }

  async function open(path: string, marker?: string): Promise<OpenFile | null> {
    const known = find(path);
    if (known !== undefined) {
      select(known, marker);
      return known;
    }
    opening.value = true;
    try {
      const file = await read(path);
      // two clicks on one file: the first wins
      const first = find(path);
      if (first === undefined) files.value = [...files.value, file];
      problem.value = null;
      select(first ?? file, marker);
      onState(unsaved(), savedAt);
      return first ?? file;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      problem.value = error.message;
      return null;
    } finally {
      opening.value = false;
    }
  }

  /** A file that is not there yet opens empty, so that an edit fence can write it. */
  async function read(path: string): Promise<OpenFile> {
    const [content, editor] = await Promise.all([
      home.read(path).catch((error: unknown) => {
        if (error instanceof Refused && error.code === 'not-found') return null;
        throw error;
      }),
      loadText(),
    ]);
    text = editor;
    if (content?.kind === 'unshown')
      return {
        path,
        doc: signal<Doc>({ at: 'clean', etag: content.etag }),
        buffer: null,
        why: content.why,
        draft: signal(null),
        saved: '',
      };
    const saved = content?.text ?? '';
    const buffer = editor.buffer(path, saved);
    const doc: Doc =
      content === null ? { at: 'dirty', etag: null, problem: null } : { at: 'clean', etag: content.etag };
    const file: OpenFile = {
      path,
      doc: signal(doc),
      buffer,
      why: null,
      draft: signal(await drafts.offer(lab, path, saved)),
      saved,
    };
    buffer.onChange(() => edited(file, buffer));
    return file;
  }

  function edited(file: OpenFile, buffer: TextBuffer): void {
    step(file, { type: buffer.get() === file.saved ? 'unedited' : 'edited' });
    clearTimeout(drafting.get(file.path));
    drafting.set(
      file.path,
      setTimeout(() => {
        const { at, etag } = file.doc.value;
        if (at !== 'clean') void drafts.keep({ lab, path: file.path, text: buffer.get(), etag });
      }, DRAFT_AFTER_MS),
    );
  }

  async function save(path: string): Promise<boolean> {
    const file = find(path);
    if (file?.buffer == null) return false;
    const { at } = file.doc.value;
    if (at === 'clean') return true;
    if (at !== 'dirty') return false;
    step(file, { type: 'save' });
    return write(file, file.buffer);
  }

  async function write(file: OpenFile, buffer: TextBuffer): Promise<boolean> {
    const sent = buffer.get();
    try {
      const { etag } = await home.write(file.path, sent, file.doc.value.etag);
      file.saved = sent;
      savedAt = Date.now();
      step(file, { type: 'saved', etag });
      if (file.doc.value.at === 'clean') await forgetDraft(file.path);
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      step(
        file,
        error.code === 'stale'
          ? { type: 'stale', theirs: await etagThere(file.path) }
          : { type: 'failed', message: sentence(error) },
      );
      return false;
    }
  }

  async function forgetDraft(path: string): Promise<void> {
    clearTimeout(drafting.get(path));
    await drafts.forget(lab, path);
  }

  async function etagThere(path: string): Promise<string | null> {
    try {
      return (await home.read(path)).etag;
    } catch (error) {
      if (error instanceof Refused && error.code === 'not-found') return null;
      throw error;
    }
  }

  /** What stands there now: a change event may be one of several, and a rename looks like a deletion. */
  async function look(path: string): Promise<void> {
    const file = find(path);
    if (file?.buffer == null) return;
    try {
      const content = await home.read(path);
      const { at, etag } = file.doc.value;
      if (at === 'clean' && content.kind === 'text' && content.etag !== etag)
        load(file, file.buffer, content.text, content.etag);
      else step(file, { type: 'changed-there', etag: content.etag });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.code === 'not-found') step(file, { type: 'changed-there', etag: null });
    }
  }

  function load(file: OpenFile, buffer: TextBuffer, content: string, etag: string): void {
    file.saved = content;
    if (buffer.get() !== content) buffer.set(content);
    step(file, { type: 'loaded', etag });
  }

  async function takeTheirs(path: string): Promise<void> {
    const file = find(path);
    if (file?.buffer == null) return;
    try {
      const content = await home.read(path);
      if (content.kind === 'text') load(file, file.buffer, content.text, content.etag);
      await forgetDraft(path);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'not-found') throw error;
      close(path);
    }
  }

  function close(path: string): void {
    const file = find(path);
    files.value = files.value.filter((other) => other !== file);
    file?.buffer?.[Symbol.dispose]();
    const next = files.value.at(-1);
    if (current.value === path) {
      current.value = null;
      if (next !== undefined) select(next);
    }
    onState(unsaved(), savedAt);
  }

  return {
    files,
    current,
    problem,
    opening,
    open,
    save,
    async saveAll() {
      const dirty = files.value.filter(({ doc }) => doc.value.at === 'dirty').map(({ path }) => path);
      const done = await Promise.all(dirty.map(async (path) => ((await save(path)) ? path : null)));
      const conflicts = unsaved();
      if (conflicts.length > 0)
        throw new Refused(
          'stale',
          `${conflicts.join(', ')} could not be saved. Look at the editor, then try again.`,
        );
      return done.filter((path) => path !== null);
    },
    close,
    async keepMine(path) {
      const file = find(path);
      if (file?.buffer == null) return;
      step(file, { type: 'keep-mine' });
      if (file.doc.value.at === 'saving') await write(file, file.buffer);
    },
    takeTheirs,
    restoreDraft(path) {
      const file = find(path);
      const draft = file?.draft.value;
      if (file === undefined || draft == null) return;
      file.draft.value = null;
      file.buffer?.set(draft.text);
    },
    async discardDraft(path) {
      const file = find(path);
      if (file !== undefined) file.draft.value = null;
      await drafts.forget(lab, path);
    },
    async insert(edit, mayReplace) {
      const file = await open(edit.file, edit.at);
      if (file?.buffer == null)
        throw new Refused('unsupported', problem.value ?? file?.why ?? say('That file cannot be opened.'));
      const now = file.buffer.get();
      const done = insertEdit(now, edit.code, edit.at);
      if (!done.ok) throw new Refused('conflict', done.why);
      if (edit.at === undefined && now.trim() !== '' && now !== done.text && !(await mayReplace()))
        throw new Refused('conflict', say('Left as it is.'));
      if (done.text !== now) file.buffer.set(done.text);
      text?.reveal(done.line);
      const saved = await save(edit.file);
      return saved
        ? say('Put into {0}, line {1}, and saved.', edit.file, done.line)
        : say('Put into {0}; it is not saved yet.', edit.file);
    },
    changed(changes) {
      for (const { path } of changes) {
        if (find(path) === undefined) continue;
        clearTimeout(looking.get(path));
        looking.set(
          path,
          setTimeout(() => void look(path), LOOK_AFTER_MS),
        );
      }
    },
    [Symbol.dispose]() {
      for (const timer of [...drafting.values(), ...looking.values()]) clearTimeout(timer);
      for (const { buffer } of files.value) buffer?.[Symbol.dispose]();
      files.value = [];
    },
  };
}
