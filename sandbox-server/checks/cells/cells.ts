/**
 * Cells of a lesson in one Jupyter server a lab (decision 014). The notebook in the learner's home says what became of
 * each; the page and JupyterLab read it there. One cell runs at a time in a lab; others wait in the sandbox.
 */
import { z } from 'zod';
import { JupyterLab } from '../../contract/api.ts';
import { Problem } from '../../contract/errors.ts';
import type { CellFence, Lesson, Step } from '../../contract/lesson.ts';
import { printable } from '../../telemetry/index.ts';
import type { Workshop } from '../workshop.ts';
import { CellEnd, cellsOf, notebookOf, notebooksOf, scriptOf, Trouble } from './request.ts';
import type { CellRequest } from './request.ts';

export interface Cells {
  /** the lesson's cells stand in their notebooks, so that JupyterLab shows them before any ran */
  lay(lesson: Lesson): Promise<void>;
  /**
   * Waits for its turn and runs one cell. @param code blanks filled. @param limit seconds, then it is interrupted
   * @throws Problem `conflict` where it could not be begun, `timeout` where it has not ended in all that time
   */
  run(lesson: Lesson, cell: CellFence, code: string, limit: number): Promise<CellEnd>;
  /** Outputs of the step's cells go; a kernel that runs begins anew, with the cells of `before`. @throws Problem `internal` */
  reset(lesson: Lesson, step: Step, before: readonly Step[]): Promise<void>;
  interrupt(cell: CellFence): Promise<void>;
  /** the kernel begins anew, without its variables */
  restart(cell: CellFence): Promise<void>;
  /** starts JupyterLab where it does not run yet: seconds */
  open(lesson: Lesson, cell: CellFence): Promise<JupyterLab>;
}

/** Seconds: a start of JupyterLab on a busy machine takes half a minute. */
const SHORT = 240;
/** what is beside a cell's own time: its turn, and the start of JupyterLab */
const AROUND = 300;
/** what the contract lets a script take */
const LONGEST = 3600;
const NOTHING = z.object({});
/** a cell that is run again by *Reset step* */
const AGAIN = 120;

/** @param text fills blanks, those nobody knows yet stay */
export function createCells({ agent }: Pick<Workshop, 'agent'>, text: (code: string) => string): Cells {
  const ask = async <T>(request: CellRequest, answer: z.ZodType<T>, seconds = SHORT): Promise<T> => {
    const result = await agent.run(scriptOf(request, Math.min(seconds, LONGEST)));
    if (result.timedOut)
      throw new Problem('timeout', 'The notebook did not answer in time. Look at its cells, or try again.');
    const said = jsonIn(lastLine(result.stdout));
    const trouble = Trouble.safeParse(said);
    if (trouble.success) throw new Problem('conflict', printable(trouble.data.trouble));
    const told = answer.safeParse(said);
    if (told.success) return told.data;
    const why = printable(lastLine(result.stderr), 300);
    throw new Problem('conflict', `The sandbox said nothing of its cells that makes sense. ${why}`.trim());
  };
  const all = (lesson: Lesson, notebook: string) => ({ notebook, cells: cellsOf(lesson, notebook, text) });
  const plain = (cell: CellFence) => ({ notebook: notebookOf(cell), cells: [] });

  return {
    async lay(lesson) {
      for (const notebook of notebooksOf(lesson)) await ask({ do: 'lay', ...all(lesson, notebook) }, NOTHING);
    },
    async run(lesson, cell, code, limit) {
      const { notebook, cells } = all(lesson, notebookOf(cell));
      const wanted = cells.find(({ action }) => action === cell.id);
      if (wanted === undefined) throw new Problem('not-found', 'There is no such cell in this lesson.');
      const request = { do: 'run', notebook, cells, cell: { ...wanted, code }, limit } as const;
      return ask(request, CellEnd, limit + AROUND);
    },
    async reset(lesson, step, before) {
      for (const notebook of notebooksOf(lesson)) {
        const { cells } = all(lesson, notebook);
        const clear = cells.filter((cell) => cell.step === step.id);
        const again = cells.filter((cell) => before.some(({ id }) => id === cell.step));
        if (clear.length > 0)
          await ask({ do: 'reset', notebook, cells, clear, again, limit: AGAIN }, NOTHING, LONGEST);
      }
    },
    async interrupt(cell) {
      await ask({ do: 'interrupt', ...plain(cell) }, NOTHING);
    },
    async restart(cell) {
      await ask({ do: 'restart', ...plain(cell) }, NOTHING);
    },
    open: (lesson, cell) => ask({ do: 'open', ...all(lesson, notebookOf(cell)) }, JupyterLab),
  };
}

/** @returns undefined where it is no JSON, so that no schema takes it */
function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
