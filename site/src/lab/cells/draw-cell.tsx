/** Brings a cell of the static page to life. */
import { render } from 'preact';
import { loadStyles } from '../layout/shell.ts';
import { isReady, notify } from '../work.ts';
import { sentence } from '../server.ts';
import cellStyles from './cells.css?url';
import type { Work } from '../work.ts';
import { CellBar, CellFoot, isUnderWay, readCell } from './cell.tsx';
import { createPresses } from './press.ts';
import type { Notebooks } from './read-notebooks.ts';

/** @returns undoes it; null where the figure is no cell */
export function drawCell(
  work: Work,
  step: string,
  figure: HTMLElement,
  notebooks: Notebooks,
): (() => void) | null {
  const cell = readCell(figure);
  if (cell === null) return null;
  figure.classList.add('lab-fence');
  loadStyles([cellStyles]).catch((error: unknown) =>
    notify(work, { key: 'cells', text: sentence(error), bad: true }),
  );
  const props = {
    work,
    cell,
    notebook: notebooks.of(cell.file),
    presses: createPresses(work, step, cell.action),
  };
  const [bar, foot] = [place(), place()];
  figure.prepend(bar);
  figure.append(foot);
  render(<CellBar {...props} />, bar);
  render(<CellFoot {...props} />, foot);
  const pre = figure.querySelector('pre');
  if (pre !== null) pre.tabIndex = 0;
  figure.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !event.shiftKey) return;
    event.preventDefault();
    if (isReady(work) && !isUnderWay(props.notebook.value.get(cell.action))) void props.presses.press('run');
  });
  return () => {
    render(null, bar);
    render(null, foot);
  };
}

function place(): HTMLElement {
  const made = document.createElement('div');
  made.className = 'lab-drawn';
  return made;
}
