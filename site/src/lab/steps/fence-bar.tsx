/** The bar over a block of code: where it goes, and *Run*, *Stop*, *Open in editor* or *Insert*. */
import { isReady } from '../work.ts';
import type { Work } from '../work.ts';
import type { StepActs } from './acts.ts';
import { fillingOf, missingIn } from './blanks.ts';
import { busyCommand, busySentence } from './busy.ts';
import { whereOf } from './fence.ts';
import type { Fence } from './fence.ts';
import { MissingLine, RunKeys } from './run-marks.tsx';
import { WordLine } from './step-foot.tsx';
import { say } from '../words/steps.ts';

interface Props {
  readonly work: Work;
  readonly step: string;
  readonly acts: StepActs;
  readonly fence: Fence;
}

export function FenceBar(props: Props) {
  return props.fence.kind === 'run' ? <RunBar {...props} /> : <EditBar {...props} />;
}

function RunBar({ work, step, acts, fence }: Props) {
  const word = acts.word(fence.action).value;
  const again = work.steps.value.get(step)?.acted.includes(fence.action) ?? false;
  const missing = missingIn(fence.figure, fillingOf(work));
  const label = fence.stop === undefined ? (again ? say('Run again') : say('Run')) : say('Stop');
  return (
    <>
      <div class="lab-bar">
        <span>{whereOf(fence)}</span>
        <span class="lab-buttons">
          {fence.stop === undefined && <RunKeys />}
          <button
            type="button"
            class={again ? 'quiet' : 'run'}
            disabled={!isReady(work) || word.says === 'working' || missing.length > 0}
            onClick={() => void acts.run(fence.action)}
          >
            {word.says === 'working' ? (fence.stop === undefined ? say('Typing…') : say('Stopping…')) : label}
          </button>
        </span>
      </div>
      <MissingLine missing={missing} />
      {word.says === 'busy' ? (
        <div class="lab-busy" role="alert">
          <span>
            {busySentence(word.busy)} {word.busy.command !== '' && <code>{busyCommand(word.busy)}</code>}
          </span>
          <span class="lab-buttons">
            <button
              type="button"
              class="quiet"
              onClick={() => void acts.stopThenRun(fence.action, word.busy)}
            >
              {say('Stop it and run')}
            </button>
            {fence.stop === undefined && (
              <button
                type="button"
                class="quiet"
                onClick={() => void acts.useAnother(fence.action, word.busy)}
              >
                {say('Use another')}
              </button>
            )}
          </span>
        </div>
      ) : (
        <WordLine word={word} />
      )}
    </>
  );
}

function EditBar({ work, step, acts, fence }: Props) {
  const word = acts.word(fence.action).value;
  const again = work.steps.value.get(step)?.acted.includes(fence.action) ?? false;
  return (
    <>
      <div class="lab-bar">
        <span
          title={fence.at === undefined ? fence.file : say('{0}, after the line “{1}”', fence.file, fence.at)}
        >
          <code>{fence.file}</code>
          {fence.at === undefined ? '' : say(' after ')}
          {fence.at !== undefined && <code>{fence.at}</code>}
        </span>
        <span class="lab-buttons">
          <button
            type="button"
            class="quiet"
            disabled={!isReady(work)}
            onClick={() => void work.openFile(fence.file, fence.at)}
          >
            {say('Open in editor')}
          </button>
          <button
            type="button"
            class={again ? 'quiet' : 'run'}
            disabled={!isReady(work) || word.says === 'working'}
            onClick={() =>
              void acts.insert(fence.action, { file: fence.file, at: fence.at, code: codeOf(fence.figure) })
            }
          >
            {again ? say('Insert again') : fence.at === undefined ? say('Write it') : say('Insert')}
          </button>
        </span>
      </div>
      <WordLine word={word} />
    </>
  );
}

/** The block's code as it stands now, blanks filled. */
function codeOf(figure: HTMLElement): string {
  return figure.querySelector('pre')?.textContent ?? '';
}
