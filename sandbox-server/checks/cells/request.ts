/** What is asked of the program in the sandbox that runs cells (`inside/`), and what it answers. Pure. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { RunScript } from '../../contract/agent.ts';
import type { CellFence, Lesson } from '../../contract/lesson.ts';

/** A cell as its notebook has it. */
export interface NotebookCell {
  readonly lesson: string;
  readonly step: string;
  readonly action: string;
  /** of its step */
  readonly title: string;
  readonly code: string;
  readonly fails: boolean;
}
interface Notebook {
  /** its file in the home */
  readonly notebook: string;
  /** all of the lesson's cells in it, in page order */
  readonly cells: readonly NotebookCell[];
}
export type CellRequest = Notebook &
  (
    | { readonly do: 'lay' | 'interrupt' | 'restart' | 'open' }
    /** @property limit seconds, then the cell is interrupted */
    | { readonly do: 'run'; readonly cell: NotebookCell; readonly limit: number }
    | {
        readonly do: 'reset';
        readonly clear: readonly NotebookCell[];
        readonly again: readonly NotebookCell[];
        readonly limit: number;
      }
  );

/** How a cell ended: well, by raising, too late, with its kernel, or by what was around it. */
export const CellEnd = z.object({
  state: z.enum(['done', 'raised', 'late', 'died', 'cut']),
  /** a sentence where it is not the cell's own doing */
  why: z.string().max(2000),
  /** the end of what it printed or raised */
  said: z.string().max(8000).default(''),
});
export type CellEnd = z.infer<typeof CellEnd>;
/** what it could not do, in a sentence for a learner */
export const Trouble = z.object({ trouble: z.string().max(2000) });

export const notebookOf = (cell: Pick<CellFence, 'notebook'>): string => `${cell.notebook}.ipynb`;

/** @param text what stands for a cell's code now: its blanks may not all be known yet */
export function cellsOf(lesson: Lesson, notebook: string, text: (code: string) => string): NotebookCell[] {
  return lesson.steps.flatMap((step) =>
    step.actions
      .filter((action) => action.kind === 'cell')
      .filter((cell) => notebookOf(cell) === notebook)
      .map(({ id, code, fails }) => ({
        lesson: lesson.id,
        step: step.id,
        action: id,
        title: step.title,
        code: text(code),
        fails,
      })),
  );
}

/** @returns the files of the notebooks that the lesson's cells are in, each once */
export function notebooksOf(lesson: Lesson): string[] {
  const cells = lesson.steps.flatMap(({ actions }) => actions).filter((action) => action.kind === 'cell');
  return [...new Set(cells.map(notebookOf))];
}

const INSIDE = join(import.meta.dirname, 'inside');
const MAIN = 'main.py';
const PROGRAM = new Map(
  readdirSync(INSIDE)
    .filter((name) => name.endsWith('.py'))
    .map((name) => [name, readFileSync(join(INSIDE, name), 'utf8')]),
);

/** @param timeout seconds; the cell itself goes on when it is over */
export function scriptOf(request: CellRequest, timeout: number): RunScript {
  const files = [...PROGRAM].filter(([name]) => name !== MAIN);
  return {
    lang: 'python',
    code: PROGRAM.get(MAIN) ?? '',
    timeout,
    fixtures: [...files, ['request.json', JSON.stringify(request)] as const].map(([path, text]) => ({
      path,
      content: Buffer.from(text).toString('base64'),
      executable: false,
    })),
    env: {},
  };
}
