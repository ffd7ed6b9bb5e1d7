/** The workspace while there is none: starting with its stages, paused, ended, failed, or waiting for a choice. */
import type { Lab } from '../../../../sandbox-server/contract/lab.ts';
import { Far } from '../steps/step-foot.tsx';
import type { Work } from '../work.ts';
import { day } from './status-line.tsx';
import { stageLines } from './stages.ts';
import { say } from '../words/layout.ts';
import { problemWords } from '../words/problems.ts';

export interface SceneActs {
  readonly start: (prepare: boolean) => void;
  readonly resume: () => void;
}

export function Starting({ work }: { work: Work }) {
  const lab = work.lab.value;
  const lines = lab === null ? [] : stageLines(lab, work.now.value);
  return (
    <div class="lab-scene" aria-live="polite">
      <h2>{say('Opening your lab')}</h2>
      <ol class="lab-stages">
        {lines.map((line, index) => (
          <li key={index} class={line.state}>
            <span aria-hidden="true">{line.state === 'over' ? '✓' : '◔'}</span>
            <span>
              {line.text}
              {line.english !== null && <small lang="en"> {line.english}</small>}
            </span>
            <span class="lab-seconds">{line.seconds}</span>
            {line.progress && <Far progress={line.progress} />}
          </li>
        ))}
        {lines.length === 0 && (
          <li class="now">
            <span aria-hidden="true">◔</span>
            <span>{say('Asking for a sandbox')}</span>
          </li>
        )}
      </ol>
      <p>{say('You can read the lesson meanwhile.')}</p>
    </div>
  );
}

export function Paused({ lab, acts }: { lab: Lab; acts: SceneActs }) {
  const lost = lab.problem !== null;
  return (
    <div class="lab-scene">
      <h2>{lab.state === 'pausing' ? say('Pausing…') : lost ? say('The sandbox stopped') : say('Paused')}</h2>
      {lab.problem && <p class="lab-word bad">{problemWords(lab.problem.code, lab.problem.message)}</p>}
      <p>
        {say(
          'Your files and your progress are kept until {0}. Programs that ran are ended.',
          day(lab.keptUntil),
        )}
      </p>
      {lab.state === 'paused' && (
        <button type="button" class="run" onClick={acts.resume}>
          {say('Resume')}
        </button>
      )}
    </div>
  );
}

export function Ended({ lab, acts }: { lab: Lab; acts: SceneActs }) {
  return (
    <div class="lab-scene">
      <h2>{lab.state === 'ending' ? say('Ending…') : say('Ended')}</h2>
      <p>
        {say('The sandbox and its files are gone. Your progress stays: steps that were done are still done.')}
      </p>
      {lab.state === 'ended' && (
        <button type="button" class="run" onClick={() => acts.start(false)}>
          {say('Start a new one')}
        </button>
      )}
    </div>
  );
}

export function Failed({ message, acts }: { message: string; acts: SceneActs }) {
  return (
    <div class="lab-scene" role="alert">
      <h2>{say('The lab did not start')}</h2>
      <p class="lab-word bad">{message}</p>
      <p>{say('Nothing you saved is lost.')}</p>
      <button type="button" class="run" onClick={() => acts.start(false)}>
        {say('Try again')}
      </button>
    </div>
  );
}

/** Earlier lessons leave things behind that this one needs. */
export function Prepare({ missing, acts }: { missing: readonly string[]; acts: SceneActs }) {
  return (
    <div class="lab-scene">
      <h2>{say('This lesson goes on from another')}</h2>
      <p>
        {missing.length === 1
          ? say('It needs what {0} leaves behind, and you have not finished it.', missing[0] ?? '')
          : say(
              'It needs what {0} leave behind, and you have not finished them.',
              say('{0} and {1}', missing.slice(0, -1).join(', '), missing.at(-1) ?? ''),
            )}
      </p>
      <div class="lab-buttons">
        <button type="button" class="run" onClick={() => acts.start(true)}>
          {say('Prepare this for me')}
        </button>
        <button type="button" class="quiet" onClick={() => acts.start(false)}>
          {say('Start as it is')}
        </button>
      </div>
      <p>
        <small>
          {say(
            'Preparing replays the solutions of those lessons in your sandbox and marks their steps as skipped.',
          )}
        </small>
      </p>
    </div>
  );
}
