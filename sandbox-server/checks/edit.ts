/** An edit fence applied to a file's text: what *Insert* does in the editor, done on the server for *Prepare* and prove. */
import type { EditFence } from '../contract/lesson.ts';
import { Problem } from '../contract/errors.ts';

/**
 * Without `at` the fence is the whole file. With `at` its lines come after the one line whose trimmed
 * text is the marker, or else that contains it; what already stands there is not inserted twice.
 * @param content the file now; null where there is none.
 * @throws Problem `conflict` where the marker does not occur exactly once, naming the fence's place.
 */
export function applyEdit(content: string | null, fence: EditFence): string {
  const code = withNewline(fence.code);
  if (fence.at === undefined) return code;
  const lines = (content ?? '').split('\n');
  const at = markerLine(lines, fence.at);
  if (at === null) throw notOnce(fence, fence.at, content);
  const before = withNewline(lines.slice(0, at + 1).join('\n'));
  const after = lines.slice(at + 1).join('\n');
  return after.startsWith(code) || after === fence.code ? (content ?? '') : before + code + after;
}

/** A line that is the marker wins over lines that only contain it. */
function markerLine(lines: readonly string[], marker: string): number | null {
  const wanted = marker.trim();
  const exact = lines.flatMap((line, i) => (line.trim() === wanted ? [i] : []));
  const found = exact.length > 0 ? exact : lines.flatMap((line, i) => (line.includes(wanted) ? [i] : []));
  return found.length === 1 ? (found[0] ?? null) : null;
}

function notOnce(fence: EditFence, marker: string, content: string | null): Problem {
  const what = content === null ? 'the file is not there' : 'that line must stand in it exactly once';
  return new Problem(
    'conflict',
    `Cannot insert into ${fence.file} after '${marker}': ${what}. *Reset step* gives the file back as the lesson has it.`,
    { details: { file: fence.file, at: marker, place: fence.place } },
  );
}

function withNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
