/** A notebook as its file has it (nbformat 4), as far as a lesson page shows it. What it holds is the learner's to forge. Pure. */

/** What became of a cell: `queued` and `running` come and go, the others stay. */
const STATES = ['queued', 'running', 'done', 'raised', 'late', 'died', 'cut'] as const;
export type CellState = (typeof STATES)[number];
export interface ShownCell {
  /** null: it was not run by this page yet */
  readonly state: CellState | null;
  /** a sentence where something around the cell went wrong */
  readonly why: string;
  readonly count: number | null;
  readonly outputs: readonly Shown[];
}
export type Shown =
  | { readonly as: 'text'; readonly text: string; readonly bad: boolean }
  /** what was raised in a line, and where it came from */
  | { readonly as: 'error'; readonly line: string; readonly traceback: string }
  | { readonly as: 'picture'; readonly address: string; readonly words: string }
  | { readonly as: 'html'; readonly html: string };

const PICTURES = ['image/png', 'image/jpeg', 'image/gif'] as const;
/** of one cell on the page; the notebook has the rest */
const MOST_OUTPUTS = 200;

type Bag = Readonly<Record<string, unknown>>;

/** @returns the lesson's cells by their action; none where the text is no notebook */
export function cellsIn(text: string, lesson: string): ReadonlyMap<string, ShownCell> {
  const cells = listIn(bag(parsed(text)), 'cells').map(bag);
  return new Map(
    cells.flatMap((cell) => {
      const mark = bag(bag(cell['metadata'])['palestra']);
      const { lesson: of, action } = mark;
      return of === lesson && typeof action === 'string' ? [[action, shownCell(cell, mark)] as const] : [];
    }),
  );
}

function shownCell(cell: Bag, mark: Bag): ShownCell {
  const { state, why } = mark;
  const count = cell['execution_count'];
  return {
    state: STATES.find((known) => known === state) ?? null,
    why: typeof why === 'string' ? why.slice(0, 2000) : '',
    count: typeof count === 'number' ? count : null,
    outputs: listIn(cell, 'outputs')
      .slice(0, MOST_OUTPUTS)
      .map((output) => shownOutput(bag(output))),
  };
}

function shownOutput(output: Bag): Shown {
  const { output_type: type } = output;
  if (type === 'stream')
    return { as: 'text', text: plain(textOf(output['text'])), bad: output['name'] === 'stderr' };
  if (type === 'error') return shownError(output);
  return shownData(bag(output['data']));
}

function shownError(output: Bag): Shown {
  const lines = listIn(output, 'traceback').filter((line) => typeof line === 'string');
  const line = plain(`${textOf(output['ename'])}: ${textOf(output['evalue'])}`);
  return { as: 'error', line, traceback: plain(lines.join('\n')) };
}

/** The first form that a page can show; a form that needs a program of its own is JupyterLab's. */
function shownData(data: Bag): Shown {
  const words = textOf(data['text/plain']);
  const picture = PICTURES.find((kind) => isBase64(textOf(data[kind])));
  if (picture !== undefined)
    return { as: 'picture', address: `data:${picture};base64,${bare(textOf(data[picture]))}`, words };
  const drawing = textOf(data['image/svg+xml']);
  // as an image an SVG runs nothing and loads nothing
  if (drawing !== '')
    return { as: 'picture', address: `data:image/svg+xml,${encodeURIComponent(drawing)}`, words };
  const html = textOf(data['text/html']);
  return html === '' ? { as: 'text', text: plain(words), bad: false } : { as: 'html', html };
}

const bare = (text: string): string => text.replace(/\s/g, '');
const isBase64 = (text: string): boolean => text !== '' && /^[A-Za-z0-9+/=\s]+$/.test(text);

/** Without colours; a line that was drawn over and over (a progress bar) counts as its last drawing. */
export function plain(text: string): string {
  const bare = text.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\-_]/g, '').replace(/\r+\n/g, '\n');
  return bare
    .split('\n')
    .map((line) => line.replace(/\r+$/, '').split('\r').at(-1) ?? '')
    .join('\n')
    .trimEnd();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
function bag(value: unknown): Bag {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
function listIn(from: Bag, key: string): readonly unknown[] {
  const value = from[key];
  return Array.isArray(value) ? (value as unknown[]) : [];
}
/** nbformat keeps text whole or in lines. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.filter((line) => typeof line === 'string').join('') : '';
}
