/** The home's files: a tree by the ARIA pattern, with new, rename, delete, upload (also by dropping) and download. */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { FileEntry } from '../../../../sandbox-server/contract/files.ts';
import { ask, askFor } from '../layout/dialog.ts';
import { sentence } from '../server.ts';
import { notify } from '../work.ts';
import type { Work } from '../work.ts';
import type { Editor } from './editor.ts';
import type { Files } from './files.ts';
import {
  closed,
  EMPTY_TREE,
  folderOf,
  foldersToRead,
  move,
  nameOf,
  nameProblem,
  opened,
  rows,
  withFolder,
} from './tree.ts';
import type { Row, TreeState } from './tree.ts';
import { say } from '../words/editor.ts';

interface Upload {
  readonly name: string;
  readonly done: number;
  readonly all: number;
}
interface Acts {
  readonly tree: Signal<TreeState>;
  readonly focused: Signal<string>;
  readonly uploads: Signal<readonly Upload[]>;
  read(folder: string): Promise<void>;
  toggle(row: Row): Promise<void>;
  create(kind: 'file' | 'folder'): Promise<void>;
  rename(path: string): Promise<void>;
  remove(entry: FileEntry): Promise<void>;
  upload(folder: string, files: Iterable<File>): Promise<void>;
}

/** @param files of this lab */
function createActs(work: Work, files: Files, editor: Editor): Acts {
  const tree = signal(EMPTY_TREE);
  const focused = signal('');
  const uploads = signal<readonly Upload[]>([]);

  /** Says what was refused; the tree stays as it was. */
  async function trying(doing: () => Promise<void>): Promise<void> {
    try {
      await doing();
    } catch (error) {
      notify(work, { key: 'files', text: sentence(error), bad: true });
    }
  }
  const read = (folder: string): Promise<void> =>
    trying(async () => {
      tree.value = withFolder(tree.value, await files.tree(folder));
    });
  const siblings = (folder: string): string[] =>
    tree.value.folders.get(folder)?.entries.map(({ path }) => nameOf(path)) ?? [];
  const inFolder = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);
  /** where something new goes: the focused folder, or the folder of the focused file */
  const here = (): string => {
    const row = rows(tree.value).find(({ entry }) => entry.path === focused.value);
    return row === undefined ? '' : row.entry.kind === 'folder' ? row.entry.path : folderOf(row.entry.path);
  };

  return {
    tree,
    focused,
    uploads,
    read,
    async toggle({ entry, open }) {
      tree.value = open ? closed(tree.value, entry.path) : opened(tree.value, entry.path);
      if (!open) await read(entry.path);
    },
    create: (kind) =>
      trying(async () => {
        const folder = here();
        const question = {
          title: kind === 'file' ? say('New file') : say('New folder'),
          text: folder === '' ? say('In your home.') : say('In {0}.', folder),
          yes: say('Make it'),
          no: say('Cancel'),
        };
        const name = await askFor(question, '', (text) => nameProblem(text, siblings(folder)));
        if (name === null) return;
        const path = inFolder(folder, name);
        if (kind === 'folder') await files.makeFolder(path);
        else await files.write(path, '', null);
        await read(folder);
        focused.value = path;
        if (kind === 'file') await editor.open(path);
      }),
    rename: (path) =>
      trying(async () => {
        const folder = folderOf(path);
        const others = siblings(folder).filter((name) => name !== nameOf(path));
        const name = await askFor(
          {
            title: say('Rename {0}', nameOf(path)),
            text: say('The new name:'),
            yes: say('Rename'),
            no: say('Cancel'),
          },
          nameOf(path),
          (text) => nameProblem(text, others),
        );
        if (name === null || name === nameOf(path)) return;
        const openHere = editor.files.value.filter(
          (file) => file.path === path || file.path.startsWith(`${path}/`),
        );
        for (const file of openHere) await editor.save(file.path);
        await files.move(path, inFolder(folder, name));
        for (const file of openHere) {
          editor.close(file.path);
          await editor.open(inFolder(folder, name) + file.path.slice(path.length));
        }
        focused.value = inFolder(folder, name);
        await read(folder);
      }),
    remove: (entry) =>
      trying(async () => {
        if (
          !(await ask({
            title: say('Delete {0}?', nameOf(entry.path)),
            text:
              entry.kind === 'folder'
                ? say('This deletes the folder {0} and all that is in it. There is no undo.', entry.path)
                : say('This deletes {0}. There is no undo.', entry.path),
            yes: say('Delete'),
            no: say('Keep it'),
            loses: true,
          }))
        )
          return;
        await files.remove(entry.path);
        for (const file of editor.files.value)
          if (file.path === entry.path || file.path.startsWith(`${entry.path}/`)) editor.close(file.path);
        await read(folderOf(entry.path));
      }),
    async upload(folder, given) {
      for (const file of given) {
        const update = (done: number, all: number): void => {
          uploads.value = [
            ...uploads.value.filter(({ name }) => name !== file.name),
            { name: file.name, done, all },
          ];
        };
        update(0, Math.max(file.size, 1));
        await trying(() => files.upload(inFolder(folder, file.name), file, update));
        uploads.value = uploads.value.filter(({ name }) => name !== file.name);
      }
      await read(folder);
    },
  };
}

export function FileTree({ work, files, editor }: { work: Work; files: Files; editor: Editor }) {
  const acts = useMemo(() => createActs(work, files, editor), [work, files, editor]);
  const list = useRef<HTMLUListElement>(null);
  const upload = useRef<HTMLInputElement>(null);
  useEffect(() => {
    void acts.read('');
    const listener = (changes: readonly { path: string }[]): void => {
      for (const folder of foldersToRead(
        acts.tree.peek(),
        changes.map(({ path }) => path),
      ))
        void acts.read(folder);
    };
    work.fileListeners.add(listener);
    return () => void work.fileListeners.delete(listener);
  }, [acts]);
  const seen = rows(acts.tree.value);
  const stop = seen.some(({ entry }) => entry.path === acts.focused.value)
    ? acts.focused.value
    : (seen[0]?.entry.path ?? '');
  const focused = seen.find(({ entry }) => entry.path === stop);
  const focus = (path: string): void => {
    acts.focused.value = path;
    // after the row was drawn
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)?.focus(),
    );
  };
  const choose = (row: Row): void => {
    acts.focused.value = row.entry.path;
    if (row.entry.kind === 'folder') void acts.toggle(row);
    else void editor.open(row.entry.path);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (focused === undefined) return;
    if (event.key === 'Enter' || event.key === ' ') choose(focused);
    else if (event.key === 'F2') void acts.rename(stop);
    else if (event.key === 'Delete') void acts.remove(focused.entry);
    else {
      const to = move(seen, stop, event.key);
      if (to === null) return;
      if ('focus' in to) focus(to.focus);
      else void acts.toggle(focused);
    }
    event.preventDefault();
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-folder]');
    void acts.upload(row?.dataset['folder'] ?? '', event.dataTransfer?.files ?? []);
  };
  return (
    <nav
      class="lab-files"
      aria-label={say('Files')}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <div class="lab-files-bar">
        <button
          type="button"
          title={say('New file')}
          aria-label={say('New file')}
          onClick={() => void acts.create('file')}
        >
          {say('+ file')}
        </button>
        <button
          type="button"
          title={say('New folder')}
          aria-label={say('New folder')}
          onClick={() => void acts.create('folder')}
        >
          {say('+ folder')}
        </button>
        <button
          type="button"
          title={say('Upload files, or drop them on the tree')}
          onClick={() => upload.current?.click()}
        >
          {say('upload')}
        </button>
        <input
          ref={upload}
          type="file"
          multiple
          hidden
          onChange={(event) =>
            void acts.upload(
              focused === undefined ? '' : focused.entry.kind === 'folder' ? stop : folderOf(stop),
              [...(event.currentTarget.files ?? [])],
            )
          }
        />
      </div>
      <ul
        class="lab-tree"
        role="tree"
        aria-label={say('Files of your home')}
        ref={list}
        onKeyDown={onKeyDown}
      >
        {seen.map((row) => (
          <li
            key={row.entry.path}
            role="treeitem"
            data-path={row.entry.path}
            data-folder={row.entry.kind === 'folder' ? row.entry.path : folderOf(row.entry.path)}
            aria-level={row.level}
            aria-setsize={row.of}
            aria-posinset={row.place}
            aria-expanded={row.entry.kind === 'folder' ? row.open : undefined}
            aria-selected={editor.current.value === row.entry.path}
            tabIndex={row.entry.path === stop ? 0 : -1}
            style={{ paddingInlineStart: `${String(row.level * 12 - 2)}px` }}
            onClick={() => choose(row)}
            title={row.entry.path}
          >
            <span aria-hidden="true">{row.entry.kind === 'folder' ? (row.open ? '▾' : '▸') : ' '}</span>
            {row.name}
          </li>
        ))}
      </ul>
      {acts.uploads.value.map(({ name, done, all }) => (
        <div class="lab-upload" key={name}>
          {name} <progress value={done} max={all} aria-label={say('Uploading {0}', name)} />
        </div>
      ))}
      {focused !== undefined && (
        <div class="lab-files-bar lab-files-foot">
          <button type="button" title={say('Rename (F2)')} onClick={() => void acts.rename(stop)}>
            {say('rename')}
          </button>
          <button type="button" title={say('Delete (Del)')} onClick={() => void acts.remove(focused.entry)}>
            {say('delete')}
          </button>
          {focused.entry.kind === 'file' && (
            <a href={files.downloadAddress(stop)} download={focused.name}>
              {say('download')}
            </a>
          )}
        </div>
      )}
    </nav>
  );
}
