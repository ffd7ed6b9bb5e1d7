/** A cell on the page: *Run cell* over it, what came of it under it. */
import { isReady } from '../work.ts';
import type { Work } from '../work.ts';
import { fillingOf, missingIn } from '../steps/blanks.ts';
import { MissingLine, RunKeys } from '../steps/run-marks.tsx';
import { WordLine } from '../steps/step-foot.tsx';
import { say } from '../words/cells.ts';
import { say as sayOfSteps } from '../words/steps.ts';
import type { ShownCell } from './notebook.ts';
import { Output } from './output.tsx';
import type { CellPresses } from './press.ts';
import type { Notebook } from './read-notebooks.ts';

export interface Cell {
  readonly action: string;
  readonly file: string;
  readonly fails: boolean;
  readonly figure: HTMLElement;
}
interface Props {
  readonly work: Work;
  readonly cell: Cell;
  readonly notebook: Notebook;
  readonly presses: CellPresses;
}

export function readCell(figure: HTMLElement): Cell | null {
  const { action, kind, notebook, fails } = figure.dataset;
  if (action === undefined || kind !== 'cell' || notebook === undefined) return null;
  return { action, file: notebook, fails: fails !== undefined, figure };
}

export function CellBar({ work, cell, notebook, presses }: Props) {
  const shown = notebook.value.get(cell.action);
  const doing = presses.doing.value;
  const goes = isUnderWay(shown);
  const again = shown !== undefined && shown.state !== null;
  return (
    <>
      <div class="lab-bar">
        <span>
          <code>{cell.file}</code>
          {cell.fails && sayOfSteps(' · fails on purpose')}
          {stateWords(shown)}
        </span>
        <span class="lab-buttons">
          {goes && (
            <button
              type="button"
              class="quiet"
              disabled={!isReady(work) || doing === 'interrupt'}
              onClick={() => void presses.press('interrupt')}
            >
              {say('Interrupt')}
            </button>
          )}
          {!goes && <RunKeys />}
          <button
            type="button"
            class={again ? 'quiet' : 'run'}
            disabled={!mayRun({ work, cell, notebook, presses })}
            onClick={() => void presses.press('run')}
          >
            {runWord(goes, doing === 'run', again)}
          </button>
        </span>
      </div>
      <MissingLine missing={missingOf(work, cell)} />
    </>
  );
}

const missingOf = (work: Work, { figure }: Cell): readonly string[] => missingIn(figure, fillingOf(work));
/** Pressed or typed: nothing of it is under way, and nothing that it needs is missing. */
export function mayRun({ work, cell, notebook, presses }: Props): boolean {
  return (
    isReady(work) &&
    presses.doing.value === null &&
    !isUnderWay(notebook.value.get(cell.action)) &&
    missingOf(work, cell).length === 0
  );
}

export function CellFoot({ work, cell, notebook, presses }: Props) {
  const shown = notebook.value.get(cell.action);
  const ready = isReady(work) && presses.doing.value === null;
  const outputs = shown?.outputs ?? [];
  return (
    <>
      <div
        class="lab-output"
        role="group"
        aria-label={say('Output of the cell')}
        aria-live="polite"
        aria-busy={isUnderWay(shown)}
        hidden={outputs.length === 0 && (shown?.why ?? '') === ''}
      >
        {outputs.map((output, index) => (
          <Output key={index} shown={output} />
        ))}
        {shown !== undefined && shown.why !== '' && <p class="lab-word bad">{shown.why}</p>}
      </div>
      <WordLine word={presses.word.value} />
      <div class="lab-cell-foot">
        <button type="button" disabled={!ready} onClick={() => void presses.press('restart')}>
          {presses.doing.value === 'restart' ? say('Restarting…') : say('Restart the kernel')}
        </button>
        <button type="button" disabled={!ready} onClick={() => void presses.press('open')}>
          {presses.doing.value === 'open' ? say('Opening JupyterLab…') : say('Open in JupyterLab')}
        </button>
      </div>
    </>
  );
}

function isUnderWay(shown: ShownCell | undefined): boolean {
  return shown?.state === 'running' || shown?.state === 'queued';
}

function runWord(goes: boolean, starts: boolean, again: boolean): string {
  if (goes) return say('Running…');
  if (starts) return say('Starting…');
  return again ? sayOfSteps('Run again') : say('Run cell');
}

function stateWords(shown: ShownCell | undefined): string {
  switch (shown?.state) {
    case 'queued':
      return say(' · waits for another cell');
    case 'running':
      return shown.outputs.length === 0 && shown.count === null ? say(' · kernel starts') : say(' · runs');
    case 'done':
      return ` · [${String(shown.count ?? '')}]`;
    case 'raised':
      return say(' · [{0}] raised an error', shown.count ?? '');
    case 'late':
    case 'died':
    case 'cut':
      return say(' · did not end');
    default:
      return '';
  }
}
