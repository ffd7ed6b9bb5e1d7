import { describe, expect, it } from 'vitest';
import type { FileEntry } from '../../../../sandbox-server/contract/files.ts';
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

const file = (path: string): FileEntry => ({ path, kind: 'file', size: 1, mtime: 0 });
const folder = (path: string): FileEntry => ({ path, kind: 'folder', size: 0, mtime: 0 });
const home = withFolder(EMPTY_TREE, {
  path: '',
  more: false,
  entries: [file('run10.py'), file('.bashrc'), folder('data'), file('run2.py'), folder('.config')],
});
const full = withFolder(opened(home, 'data'), { path: 'data', more: false, entries: [file('data/a.csv')] });
const seen = (state: typeof full): string[] =>
  rows(state).map((row) => `${String(row.level)} ${row.entry.path}`);

describe('the file tree', () => {
  it('shows folders first, numbers as people count, dotfiles last', () => {
    expect(seen(home)).toEqual(['1 data', '1 run2.py', '1 run10.py', '1 .config', '1 .bashrc']);
  });

  it('shows what is below an open folder, and hides it again', () => {
    expect(seen(full)).toEqual([
      '1 data',
      '2 data/a.csv',
      '1 run2.py',
      '1 run10.py',
      '1 .config',
      '1 .bashrc',
    ]);
    expect(seen(closed(full, 'data')).length).toBe(5);
  });

  it('says place and count for a screen reader', () => {
    expect(rows(full).slice(0, 2)).toMatchObject([
      { place: 1, of: 5, open: true },
      { place: 1, of: 1, open: false },
    ]);
  });

  it.each([
    ['data', 'ArrowDown', { focus: 'data/a.csv' }],
    ['.bashrc', 'ArrowDown', null],
    ['data', 'ArrowUp', null],
    ['run2.py', 'ArrowUp', { focus: 'data/a.csv' }],
    ['run2.py', 'Home', { focus: 'data' }],
    ['data', 'End', { focus: '.bashrc' }],
    ['data', 'ArrowRight', { focus: 'data/a.csv' }],
    ['.config', 'ArrowRight', { open: '.config' }],
    ['run2.py', 'ArrowRight', null],
    ['data', 'ArrowLeft', { close: 'data' }],
    ['data/a.csv', 'ArrowLeft', { focus: 'data' }],
    ['run2.py', 'ArrowLeft', null],
    ['gone', 'ArrowDown', { focus: 'data' }],
    ['data', 'x', null],
  ])('on %s, %s leads to %o', (focused, key, to) => {
    expect(move(rows(full), focused, key)).toEqual(to);
  });

  it('reads again only folders that are known', () => {
    expect(foldersToRead(full, ['data/b.csv', 'x', 'other/deep/file'])).toEqual(['', 'data']);
    expect(foldersToRead(full, ['other/deep/file'])).toEqual([]);
  });

  it('T31 takes no path for a name', () => {
    for (const name of ['', '..', '.', 'a/b', 'a\\b', 'a\0b', 'x'.repeat(201)])
      expect(nameProblem(name, [])).not.toBeNull();
    expect(nameProblem('a.py', ['a.py'])).toContain('already');
    expect(nameProblem('a b.py', ['a.py'])).toBeNull();
  });

  it('splits paths', () => {
    expect([nameOf('a/b/c'), folderOf('a/b/c'), nameOf('a'), folderOf('a')]).toEqual(['c', 'a/b', 'a', '']);
  });
});
