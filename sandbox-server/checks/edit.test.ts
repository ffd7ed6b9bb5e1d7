import { describe, expect, it } from 'vitest';
import type { EditFence } from '../contract/lesson.ts';
import { Problem } from '../contract/errors.ts';
import { applyEdit } from './edit.ts';

const fence = (code: string, at?: string): EditFence => ({
  id: 'edit-1',
  kind: 'edit',
  lang: 'python',
  file: 'analysis.py',
  code,
  place: { file: 'lesson.md', line: 7 },
  ...(at === undefined ? {} : { at }),
});

describe('applyEdit', () => {
  it('without a marker is the whole file, ending in a newline', () => {
    expect(applyEdit(null, fence('print(1)'))).toBe('print(1)\n');
    expect(applyEdit('old\n', fence('new\n'))).toBe('new\n');
  });
  it('inserts after the marker line, indentation of the marker ignored', () => {
    expect(applyEdit('a\n  # here\nb\n', fence('x\ny', '# here'))).toBe('a\n  # here\nx\ny\nb\n');
  });
  it('inserts after a marker on the last line without a newline', () => {
    expect(applyEdit('a\n# here', fence('x', '# here'))).toBe('a\n# here\nx\n');
  });
  it('takes a line that contains the marker where none equals it', () => {
    expect(applyEdit('n = 1  # here\nb\n', fence('x', '# here'))).toBe('n = 1  # here\nx\nb\n');
    expect(applyEdit('say "# here"\n# here\n', fence('x', '# here'))).toBe('say "# here"\n# here\nx\n');
  });
  it('does not insert twice', () => {
    const once = applyEdit('# here\nb\n', fence('x', '# here'));
    expect(applyEdit(once, fence('x', '# here'))).toBe(once);
    expect(applyEdit('# here\nx', fence('x', '# here'))).toBe('# here\nx');
  });
  it.each([
    ['absent', 'a\nb\n'],
    ['twice', '# here\n# here\n'],
    ['no file', null],
  ])('refuses a marker that is not there exactly once: %s', (_, content) => {
    const attempt = () => applyEdit(content, fence('x', '# here'));
    expect(attempt).toThrow(Problem);
    expect(attempt).toThrow(/analysis\.py/);
  });
});
