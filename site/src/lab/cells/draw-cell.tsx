/** Brings a cell of the static page to life. */
import { loadStyles } from '../layout/shell.ts';
import { notify } from '../work.ts';
import { sentence } from '../server.ts';
import { liven, onShiftEnter, put } from '../steps/into-page.ts';
import type { Undo } from '../steps/into-page.ts';
import cellStyles from './cells.css?url';
import type { Work } from '../work.ts';
import { CellBar, CellFoot, mayRun, readCell } from './cell.tsx';
import { createPresses } from './press.ts';
import type { Notebooks } from './read-notebooks.ts';

/** @returns undoes it; null where the figure is no cell */
export function drawCell(work: Work, step: string, figure: HTMLElement, notebooks: Notebooks): Undo | null {
  const cell = readCell(figure);
  if (cell === null) return null;
  liven(figure);
  loadStyles([cellStyles]).catch((error: unknown) =>
    notify(work, { key: 'cells', text: sentence(error), bad: true }),
  );
  const props = {
    work,
    cell,
    notebook: notebooks.of(cell.file),
    presses: createPresses(work, step, cell.action),
  };
  onShiftEnter(figure, () => {
    if (mayRun(props)) void props.presses.press('run');
  });
  const undo = [
    put(figure, 'div', <CellBar {...props} />, true),
    put(figure, 'div', <CellFoot {...props} />),
  ];
  return () => undo.forEach((each) => each());
}
