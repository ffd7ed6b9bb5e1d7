import { describe, expect, it, vi } from 'vitest';
import { Refused } from '../server.ts';
import { createEditor } from './editor.ts';
import type { TextBuffer, TextEditor } from './editor.ts';
import { draftToOffer } from './drafts.ts';
import type { Draft, Drafts } from './drafts.ts';
import type { Content, Files } from './files.ts';

/** Patient: the machine may be busy. */
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15_000 });

/** A home with the server's rules for saving, shared by as many editors as a test has tabs. */
function homeOf(initial: Record<string, string>) {
  const stored = new Map(
    Object.entries(initial).map(([path, text], i) => [path, { text, etag: `"${String(i)}"` }]),
  );
  let count = 100;
  let broken: Refused | null = null;
  const files: Files = {
    tree: () => Promise.resolve({ path: '', entries: [], more: false }),
    read(path): Promise<Content> {
      const known = stored.get(path);
      if (path.endsWith('.root'))
        return Promise.resolve({ kind: 'unshown', etag: '"r"', why: 'This file is not text.' });
      return known === undefined
        ? Promise.reject(new Refused('not-found', 'No such file.'))
        : Promise.resolve({ kind: 'text', ...known });
    },
    write(path, text, etag) {
      if (broken !== null) return Promise.reject(broken);
      if (etag !== (stored.get(path)?.etag ?? null))
        return Promise.reject(new Refused('stale', 'Somebody saved in between.'));
      stored.set(path, { text, etag: `"${String(count++)}"` });
      return Promise.resolve({ etag: stored.get(path)?.etag ?? '' });
    },
    upload: () => Promise.resolve(),
    makeFolder: () => Promise.resolve(),
    move: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    downloadAddress: (path) => path,
  };
  return { files, stored, fail: (with_: Refused | null) => (broken = with_) };
}

function plainText(): TextEditor & { revealed: number[] } {
  const revealed: number[] = [];
  return {
    revealed,
    buffer(_, text): TextBuffer {
      let now = text;
      const listeners: (() => void)[] = [];
      return {
        get: () => now,
        set: (to) => ((now = to), listeners.forEach((l) => l())),
        onChange: (l) => void listeners.push(l),
        [Symbol.dispose]: () => undefined,
      };
    },
    show: () => undefined,
    reveal: (line) => void revealed.push(line),
    focus: () => undefined,
  };
}

/** Drafts in memory with the real rule of offering; `alive` are tabs that live. */
function draftsOf(kept: Draft[], tab: string, alive: Set<string>): Drafts {
  return {
    keep: (draft) => (kept.push({ ...draft, tab, at: Date.now() }), Promise.resolve()),
    forget: (lab, path) => (
      kept.splice(0, kept.length, ...kept.filter((d) => d.path !== path || d.lab !== lab)),
      Promise.resolve()
    ),
    offer: (lab, path, saved) =>
      Promise.resolve(
        draftToOffer(
          kept.filter((d) => d.lab === lab && d.path === path),
          alive,
          saved,
        ),
      ),
    left: () => Promise.resolve([]),
  };
}

function tab(home: ReturnType<typeof homeOf>, kept: Draft[] = [], alive = new Set<string>()) {
  const text = plainText();
  const states: (readonly string[])[] = [];
  const loadText = vi.fn(() => Promise.resolve(text));
  const editor = createEditor({
    files: home.files,
    lab: 'l',
    drafts: draftsOf(kept, 'me', alive),
    loadText,
    onState: (unsaved) => states.push(unsaved),
  });
  const type = async (path: string, to: string) => (await editor.open(path))?.buffer?.set(to);
  const doc = (path: string) => editor.files.value.find((f) => f.path === path)?.doc.value;
  return { editor, text, states, loadText, type, doc };
}

describe('the editor', () => {
  it('loads nothing heavy before the first file is opened', async () => {
    const { editor, loadText } = tab(homeOf({ 'a.py': 'x' }));
    expect(loadText).not.toHaveBeenCalled();
    await editor.open('a.py');
    expect(loadText).toHaveBeenCalledOnce();
  });

  it('types, is dirty, saves, is clean, and says so', async () => {
    const home = homeOf({ 'a.py': 'one' });
    const { editor, type, doc, states } = tab(home);
    await type('a.py', 'two');
    expect(doc('a.py')?.at).toBe('dirty');
    expect(states.at(-1)).toEqual(['a.py']);
    expect(await editor.saveAll()).toEqual(['a.py']);
    expect(home.stored.get('a.py')?.text).toBe('two');
    expect(states.at(-1)).toEqual([]);
    expect(await editor.saveAll()).toEqual([]);
  });

  it('T34 T35 two tabs: the second save is a choice, both versions stay', async () => {
    const home = homeOf({ 'a.py': 'zero' });
    const one = tab(home);
    const two = tab(home);
    await one.type('a.py', 'mine');
    await two.type('a.py', 'theirs');
    expect(await two.editor.save('a.py')).toBe(true);
    expect(await one.editor.save('a.py')).toBe(false);
    expect(one.doc('a.py')?.at).toBe('conflict');
    expect(home.stored.get('a.py')?.text).toBe('theirs');
    await expect(one.editor.saveAll()).rejects.toThrow('a.py could not be saved');
    await one.editor.keepMine('a.py');
    expect(home.stored.get('a.py')?.text).toBe('mine');
    await two.type('a.py', 'again');
    await two.editor.save('a.py');
    await two.editor.takeTheirs('a.py');
    expect(two.editor.files.value[0]?.buffer?.get()).toBe('mine');
    expect(two.doc('a.py')?.at).toBe('clean');
  });

  it('a program changes an open, unchanged file: the editor follows; a changed one is a conflict', async () => {
    const home = homeOf({ 'a.py': 'one' });
    const { editor, type, doc } = tab(home);
    await editor.open('a.py');
    home.stored.set('a.py', { text: 'by a program', etag: '"p"' });
    editor.changed([
      { path: 'a.py', change: 'deleted' },
      { path: 'a.py', change: 'created' },
    ]);
    await eventually(() => expect(editor.files.value[0]?.buffer?.get()).toBe('by a program'));
    expect(doc('a.py')).toEqual({ at: 'clean', etag: '"p"' });
    await type('a.py', 'mine');
    home.stored.set('a.py', { text: 'again', etag: '"q"' });
    editor.changed([{ path: 'a.py', change: 'changed' }]);
    await eventually(() => expect(doc('a.py')?.at).toBe('conflict'));
    expect(editor.files.value[0]?.buffer?.get()).toBe('mine');
  });

  it('F16 a full disk: dirty, the reason shown, the text kept, and saved once there is room', async () => {
    const home = homeOf({ 'a.py': 'one' });
    const { editor, type, doc } = tab(home);
    await type('a.py', 'two');
    home.fail(new Refused('disk-full', 'The disk is full.'));
    expect(await editor.save('a.py')).toBe(false);
    expect(doc('a.py')).toMatchObject({ at: 'dirty', problem: 'The disk is full.' });
    home.fail(null);
    expect(await editor.save('a.py')).toBe(true);
  });

  it('a draft of a closed tab is offered, restored or discarded; a living tab’s is not', async () => {
    const home = homeOf({ 'a.py': 'one' });
    const kept: Draft[] = [];
    const first = tab(home, kept);
    await first.type('a.py', 'unsaved');
    await eventually(() => expect(kept.map((d) => d.text)).toEqual(['unsaved']));
    expect((await tab(home, kept, new Set(['me'])).editor.open('a.py'))?.draft.value).toBeNull();
    const next = tab(home, kept);
    expect((await next.editor.open('a.py'))?.draft.value?.text).toBe('unsaved');
    next.editor.restoreDraft('a.py');
    expect(next.doc('a.py')?.at).toBe('dirty');
    await next.editor.save('a.py');
    expect(home.stored.get('a.py')?.text).toBe('unsaved');
    expect(kept).toEqual([]);
  });

  it('a file that is not text is explained, not opened', async () => {
    const file = await tab(homeOf({})).editor.open('x.root');
    expect(file).toMatchObject({ buffer: null, why: 'This file is not text.' });
  });

  it('inserts an edit at its marker and saves it', async () => {
    const home = homeOf({ 'a.py': 'import dask\n# your code\nend\n' });
    const { editor, text } = tab(home);
    const said = await editor.insert({ file: 'a.py', at: '# your code', code: 'x = 1' }, () =>
      Promise.resolve(false),
    );
    expect(said).toBe('Put into a.py, line 3, and saved.');
    expect(home.stored.get('a.py')?.text).toBe('import dask\n# your code\nx = 1\nend\n');
    expect(text.revealed).toEqual([2, 3]);
  });

  it('writes a whole file that is not there; asks before it replaces one', async () => {
    const home = homeOf({ 'old.py': 'my work\n' });
    const { editor } = tab(home);
    await editor.insert({ file: 'new.py', at: undefined, code: 'x = 1' }, () => Promise.resolve(false));
    expect(home.stored.get('new.py')?.text).toBe('x = 1\n');
    await expect(
      editor.insert({ file: 'old.py', at: undefined, code: 'y' }, () => Promise.resolve(false)),
    ).rejects.toThrow('Left as it is');
    expect(home.stored.get('old.py')?.text).toBe('my work\n');
    await editor.insert({ file: 'old.py', at: undefined, code: 'y' }, () => Promise.resolve(true));
    expect(home.stored.get('old.py')?.text).toBe('y\n');
  });

  it('says what cannot be opened', async () => {
    const home = homeOf({});
    home.files.read = () => Promise.reject(new Refused('sandbox-gone', 'The sandbox ended.'));
    const { editor } = tab(home);
    expect(await editor.open('a.py')).toBeNull();
    expect(editor.problem.value).toBe('The sandbox ended.');
  });

  it('closing one shows the next', async () => {
    const { editor } = tab(homeOf({ a: '1', b: '2' }));
    await editor.open('a');
    await editor.open('b');
    editor.close('b');
    expect(editor.current.value).toBe('a');
    editor.close('a');
    expect(editor.current.value).toBeNull();
  });
});
