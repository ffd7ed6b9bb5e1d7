import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { applyEdit } from '../../../../sandbox-server/checks/edit.ts';
import type { EditFence } from '../../../../sandbox-server/contract/lesson.ts';
import { insertEdit, lineOf } from './insert.ts';

const fence = (code: string, at?: string): EditFence => ({
  id: 'edit-1',
  lang: 'python',
  code,
  place: { file: 'f', line: 1 },
  kind: 'edit',
  file: 'a.py',
  ...(at === undefined ? {} : { at }),
});

/** The server's rule, its refusal as null. */
function onServer(content: string, code: string, at?: string): string | null {
  try {
    return applyEdit(content, fence(code, at));
  } catch {
    return null;
  }
}

describe('insert', () => {
  it('agrees with the server on any text', () => {
    const line = fc.constantFrom('', '# here', '  # here', 'x = 1', 'x = 1  # here', 'y');
    fc.assert(
      fc.property(
        fc.array(line),
        fc.array(line),
        fc.constantFrom(undefined, '# here', 'y'),
        fc.boolean(),
        (content, code, at, end) => {
          const text = content.join('\n') + (end ? '\n' : '');
          const mine = insertEdit(text, code.join('\n'), at);
          expect(mine.ok ? mine.text : null).toBe(onServer(text, code.join('\n'), at));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('says the line where the new part begins', () => {
    expect(insertEdit('a\n# here\nb\n', 'new', '# here')).toEqual({
      ok: true,
      text: 'a\n# here\nnew\nb\n',
      line: 3,
    });
    expect(insertEdit('old', 'new', undefined)).toEqual({ ok: true, text: 'new\n', line: 1 });
  });

  it('refuses a marker that is absent or there twice, in a sentence', () => {
    for (const text of ['', '# here\n# here\n']) {
      expect(insertEdit(text, 'new', '# here')).toMatchObject({
        ok: false,
        why: expect.stringContaining('exactly once') as string,
      });
    }
  });

  it('finds the line to show', () => {
    expect(lineOf('a\n# here\n', '# here')).toBe(2);
    expect(lineOf('a', undefined)).toBe(1);
    expect(lineOf('a', 'absent')).toBe(1);
  });
});
