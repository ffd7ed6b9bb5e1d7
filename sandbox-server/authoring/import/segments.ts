/**
 * A page cut into prose and containers: admonitions and tabs of MkDocs by their indentation, directives of MyST and
 * divs of Carpentries by their colons, directives in backticks, quotations with a class (older Carpentries). Pure.
 */
export type Segment =
  | { readonly is: 'prose'; readonly text: string; readonly line: number }
  | {
      readonly is: 'container';
      readonly name: string;
      readonly title: string;
      readonly options: Readonly<Record<string, string>>;
      readonly inside: readonly Segment[];
      /** as it stands, for containers whose inside is no Markdown */
      readonly raw: string;
      readonly line: number;
    };
export type Container = Extract<Segment, { is: 'container' }>;

interface Found {
  readonly name: string;
  readonly title: string;
  readonly inside: readonly string[];
  /** lines of the page that it takes, and the one on which its inside begins, counted from its own */
  readonly takes: number;
  readonly offset: number;
}

/** @param first the number of the first line; @param depth more nesting than 20 is no page */
export function segmentsOf(lines: readonly string[], first: number, depth = 0): Segment[] {
  const segments: Segment[] = [];
  let prose: string[] = [];
  let from = first;
  const flush = (next: number) => {
    if (prose.some((line) => line.trim() !== ''))
      segments.push({ is: 'prose', text: prose.join('\n'), line: from });
    prose = [];
    from = next;
  };
  for (let at = 0; at < lines.length;) {
    const found = depth > 20 ? null : containerAt(lines, at);
    if (found !== null) {
      flush(first + at);
      const { options, rest, skipped } = optionsOf(found.inside);
      const inside = segmentsOf(rest, first + at + found.offset + skipped, depth + 1);
      segments.push({
        is: 'container',
        name: found.name,
        title: found.title,
        options,
        inside,
        raw: rest.join('\n'),
        line: first + at,
      });
      at += found.takes;
      from = first + at;
      continue;
    }
    const block = fenceLength(lines, at);
    prose.push(...lines.slice(at, at + block));
    at += block;
  }
  flush(first + lines.length);
  return segments;
}

const containerAt = (lines: readonly string[], at: number): Found | null =>
  indented(lines, at) ?? ticked(lines, at) ?? coloned(lines, at) ?? quoted(lines, at);

const FENCE = /^\s{0,3}(`{3,}|~{3,})(.*)$/;

/** 1 for a line of text; for a code block all its lines. */
function fenceLength(lines: readonly string[], at: number): number {
  const mark = FENCE.exec(lines[at] ?? '')?.[1];
  if (mark === undefined) return 1;
  const end = lines.findIndex((line, index) => index > at && closes(line, mark));
  return end === -1 ? lines.length - at : end - at + 1;
}
const closes = (line: string, mark: string) => {
  const text = line.trim();
  return text.length >= mark.length && text === (mark[0] ?? '').repeat(text.length);
};

/** `!!! note "Title"`, `??? tip`, `=== "Tab"` and what is indented below. */
function indented(lines: readonly string[], at: number): Found | null {
  const found = /^(!!!|\?\?\?\+?|===)\s+([\w-]+)?(?:\s+[\w -]+?)?\s*(?:"([^"]*)")?\s*$/.exec(lines[at] ?? '');
  if (found === null) return null;
  let end = at + 1;
  while (end < lines.length && (/^(?: {4}|\t)/.test(lines[end] ?? '') || (lines[end] ?? '').trim() === ''))
    end++;
  const inside = lines.slice(at + 1, end).map((line) => line.replace(/^(?: {4}|\t)/, ''));
  const name = found[1] === '===' ? 'tab' : (found[2] ?? 'note').toLowerCase();
  return { name, title: found[3] ?? '', inside, takes: end - at, offset: 1 };
}

/** ```` ```{note} Title ````, but not a code cell, which is code. */
function ticked(lines: readonly string[], at: number): Found | null {
  const [, mark = '', info = ''] = FENCE.exec(lines[at] ?? '') ?? [];
  const found = /^\s*\{([\w:-]+)\}\s*(.*)$/.exec(info);
  if (found === null || mark === '') return null;
  const takes = fenceLength(lines, at);
  return {
    name: found[1] ?? '',
    title: (found[2] ?? '').trim(),
    inside: lines.slice(at + 1, at + Math.max(1, takes - 1)),
    takes,
    offset: 1,
  };
}

/** `:::{note} Title` or `:::: challenge`, up to the colons that close it. */
function coloned(lines: readonly string[], at: number): Found | null {
  const opens = /^:{3,}\s*\{?([A-Za-z][\w-]*)\}?\s*(.*?)\s*:*\s*$/;
  const found = opens.exec(lines[at] ?? '');
  if (found === null) return null;
  let open = 0;
  let end = at;
  while (end < lines.length) {
    const line = lines[end] ?? '';
    if (/^:{3,}\s*$/.test(line)) open--;
    else if (opens.test(line)) open++;
    if (open === 0) break;
    end += fenceLength(lines, end);
  }
  const inside = lines.slice(at + 1, end);
  return {
    name: (found[1] ?? '').toLowerCase(),
    title: found[2] ?? '',
    inside,
    takes: Math.min(end, lines.length - 1) - at + 1,
    offset: 1,
  };
}

/** `> ## Title` … `{: .challenge}` of older Carpentries lessons. */
function quoted(lines: readonly string[], at: number): Found | null {
  if (!(lines[at] ?? '').startsWith('>')) return null;
  let end = at;
  while (end < lines.length && (lines[end] ?? '').startsWith('>')) end++;
  const name = /^\{:\s*\.([\w-]+)\s*\}/.exec(lines[end] ?? '')?.[1];
  if (name === undefined) return null;
  const inside = lines.slice(at, end).map((line) => line.replace(/^>\s?/, ''));
  return { name, title: '', inside, takes: end - at + 1, offset: 0 };
}

/** `:name: value` lines at the head of a MyST directive. */
function optionsOf(lines: readonly string[]): {
  options: Record<string, string>;
  rest: readonly string[];
  skipped: number;
} {
  const options: Record<string, string> = {};
  let at = 0;
  for (; at < lines.length; at++) {
    const found = /^:([\w-]+):\s*(.*)$/.exec(lines[at] ?? '');
    if (found === null) break;
    options[found[1] ?? ''] = found[2] ?? '';
  }
  return { options, rest: lines.slice(at), skipped: at };
}
