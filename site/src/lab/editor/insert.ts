/** *Insert*: an edit fence put into a text, by the same rule as the server's `applyEdit`. Pure. */
import { say } from '../words/editor.ts';

export type Inserted =
  /** `line`: where the inserted part begins, from 1 */
  | { readonly ok: true; readonly text: string; readonly line: number }
  | { readonly ok: false; readonly why: string };

/**
 * Without `at` the code is the whole file; with it, it follows the one line that is the marker (or contains it).
 * What stands there already is not inserted twice.
 */
export function insertEdit(content: string, code: string, at: string | undefined): Inserted {
  const block = withNewline(code);
  if (at === undefined) return { ok: true, text: block, line: 1 };
  const lines = content.split('\n');
  const line = markerLine(lines, at.trim());
  if (line === null)
    return {
      ok: false,
      why: say(
        'The line “{0}” must stand in the file exactly once. Put the code in by hand, or give the file back as the lesson has it with Reset step.',
        at,
      ),
    };
  const after = lines.slice(line + 1).join('\n');
  const there = after.startsWith(block) || after === code;
  return {
    ok: true,
    line: line + 2,
    text: there ? content : withNewline(lines.slice(0, line + 1).join('\n')) + block + after,
  };
}

function markerLine(lines: readonly string[], marker: string): number | null {
  const exact = lines.flatMap((line, i) => (line.trim() === marker ? [i] : []));
  const found = exact.length > 0 ? exact : lines.flatMap((line, i) => (line.includes(marker) ? [i] : []));
  return found.length === 1 ? (found[0] ?? null) : null;
}

function withNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** The marker's line, from 1, to be shown by *Open in editor*; 1 where it is not found. */
export function lineOf(content: string, at: string | undefined): number {
  if (at === undefined) return 1;
  return (markerLine(content.split('\n'), at.trim()) ?? 0) + 1;
}
