/** A lesson's Markdown with other outputs under its runs, and not another byte changed. Pure. */
import { readDocument } from './document.ts';
import type { Genre } from './document.ts';
import type { LessonFence } from './fences.ts';
import { withOutputs } from './lesson.ts';
import { parseMarkdown, splitFrontMatter } from './markdown.ts';

/**
 * Serves translations as well: their runs have the English lesson's ids.
 * @param outputs by the id of their run; a run without a `text output` block gets none
 */
export function withNewOutputs(
  text: string,
  outputs: ReadonlyMap<string, string>,
  genre: Genre = 'lesson',
): string {
  const { markdown } = splitFrontMatter(text);
  const { sections } = readDocument(parseMarkdown(markdown), markdown, 'lesson.md', 0, genre);
  const lines = text.split('\n');
  // from the end on: what stands above keeps its line
  for (const fence of sections.flatMap(({ fences }) => withOutputs(fences)).reverse()) {
    const shown = shownOf(fence);
    const output = outputs.get(fence.id);
    if (shown !== undefined && output !== undefined) replaceBlock(lines, shown.place.line - 1, output);
  }
  return lines.join('\n');
}

const shownOf = (fence: LessonFence) => (fence.kind === 'run' ? fence.output : undefined);

const OPENING = /^(\s*)(`{3,}|~{3,})(.*)$/;

/** @param at index of the block's first line */
function replaceBlock(lines: string[], at: number, output: string): void {
  const [, indent = '', marker = '```', meta = ''] = OPENING.exec(lines[at] ?? '') ?? [];
  const end = lines.findIndex((line, index) => index > at && closes(line, marker));
  const inside = output.split('\n').map((line) => (line === '' ? '' : indent + line));
  const outer = longerThan(marker, output);
  const block = [`${indent}${outer}${meta}`, ...inside, `${indent}${outer}`];
  lines.splice(at, (end === -1 ? lines.length : end + 1) - at, ...block);
}

function closes(line: string, marker: string): boolean {
  const bare = line.trim();
  return bare.length >= marker.length && bare === marker.charAt(0).repeat(bare.length);
}

/** What a program prints may look like the end of a block. */
function longerThan(marker: string, output: string): string {
  const char = marker.charAt(0);
  const runs = output.match(new RegExp(`${char}+`, 'g')) ?? [];
  const longest = Math.max(0, ...runs.map(({ length }) => length));
  return char.repeat(Math.max(marker.length, longest + 1));
}
