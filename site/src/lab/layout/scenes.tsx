/** The workspace while there is none: starting with its stages, paused, ended, failed, or waiting for a choice. */
import type { Lab } from '../../../../sandbox-server/contract/lab.ts';
import { Far } from '../steps/step-foot.tsx';
import type { Work } from '../work.ts';
import { day } from './status-line.tsx';
import { stageLines } from './stages.ts';

export interface SceneActs {
  readonly start: (prepare: boolean) => void;
  readonly resume: () => void;
}

export function Starting({ work }: { work: Work }) {
  const lab = work.lab.value;
  const lines = lab === null ? [] : stageLines(lab, work.now.value);
  return (
    <div class="lab-scene" aria-live="polite">
      <h2>Opening your lab</h2>
      <ol class="lab-stages">
        {lines.map((line, index) => (
          <li key={index} class={line.state}>
            <span aria-hidden="true">{line.state === 'over' ? '✓' : '◔'}</span>
            <span>{line.text}</span>
            <span class="lab-seconds">{line.seconds}</span>
            {line.progress && <Far progress={line.progress} />}
          </li>
        ))}
        {lines.length === 0 && (
          <li class="now">
            <span aria-hidden="true">◔</span>
            <span>Asking for a sandbox</span>
          </li>
        )}
      </ol>
      <p>You can read the lesson meanwhile.</p>
    </div>
  );
}

export function Paused({ lab, acts }: { lab: Lab; acts: SceneActs }) {
  const lost = lab.problem !== null;
  return (
    <div class="lab-scene">
      <h2>{lab.state === 'pausing' ? 'Pausing…' : lost ? 'The sandbox stopped' : 'Paused'}</h2>
      {lab.problem && <p class="lab-word bad">{lab.problem.message}</p>}
      <p>Your files and your progress are kept until {day(lab.keptUntil)}. Programs that ran are ended.</p>
      {lab.state === 'paused' && (
        <button type="button" class="run" onClick={acts.resume}>
          Resume
        </button>
      )}
    </div>
  );
}

export function Ended({ lab, acts }: { lab: Lab; acts: SceneActs }) {
  return (
    <div class="lab-scene">
      <h2>{lab.state === 'ending' ? 'Ending…' : 'Ended'}</h2>
      <p>The sandbox and its files are gone. Your progress stays: steps that were done are still done.</p>
      {lab.state === 'ended' && (
        <button type="button" class="run" onClick={() => acts.start(false)}>
          Start a new one
        </button>
      )}
    </div>
  );
}

export function Failed({ message, acts }: { message: string; acts: SceneActs }) {
  return (
    <div class="lab-scene" role="alert">
      <h2>The lab did not start</h2>
      <p class="lab-word bad">{message}</p>
      <p>Nothing you saved is lost.</p>
      <button type="button" class="run" onClick={() => acts.start(false)}>
        Try again
      </button>
    </div>
  );
}

/** Earlier lessons leave things behind that this one needs. */
export function Prepare({ missing, acts }: { missing: readonly string[]; acts: SceneActs }) {
  return (
    <div class="lab-scene">
      <h2>This lesson goes on from another</h2>
      <p>
        It needs what{' '}
        {missing.length === 1 ? (
          <b>{missing[0]}</b>
        ) : (
          `${missing.slice(0, -1).join(', ')} and ${missing.at(-1) ?? ''}`
        )}{' '}
        leaves behind, and you have not finished {missing.length === 1 ? 'it' : 'them'}.
      </p>
      <div class="lab-buttons">
        <button type="button" class="run" onClick={() => acts.start(true)}>
          Prepare this for me
        </button>
        <button type="button" class="quiet" onClick={() => acts.start(false)}>
          Start as it is
        </button>
      </div>
      <p>
        <small>
          Preparing replays the solutions of those lessons in your sandbox and marks their steps as skipped.
        </small>
      </p>
    </div>
  );
}
