/** Below a step: what its check says, and what can be done about it. */
import type { StepProgress } from '../../../../sandbox-server/contract/progress.ts';
import { ask } from '../layout/dialog.ts';
import { isReady } from '../work.ts';
import type { Work } from '../work.ts';
import type { StepActs, Word } from './acts.ts';
import { isOver } from './pill.ts';
import { say } from '../words/steps.ts';

interface Props {
  readonly work: Work;
  readonly step: string;
  readonly acts: StepActs;
  /** ids of hints that the page itself shows */
  readonly hintsOnPage: ReadonlySet<string>;
}

export function StepFoot({ work, step, acts, hintsOnPage }: Props) {
  const progress = work.steps.value.get(step);
  const solution = acts.solution.value;
  const elsewhere = progress?.hints.filter(({ id }) => !hintsOnPage.has(id)) ?? [];
  return (
    <div class="lab-foot">
      {progress && <Message progress={progress} />}
      {elsewhere.map((hint) => (
        <details class="hint" open key={hint.id}>
          <summary>{hint.title}</summary>
          <p>{hint.text}</p>
        </details>
      ))}
      {solution?.solutions.map((one, index) => (
        <div class="lab-solution" key={index}>
          <div class="lab-bar">
            <span>
              {say('solution')}
              {solution.solutions.length > 1 ? ` ${String(index + 1)}` : ''}
            </span>
            <button type="button" class="quiet" onClick={() => void navigator.clipboard.writeText(one.code)}>
              {say('Copy')}
            </button>
          </div>
          <pre tabIndex={0}>
            <code>{one.code}</code>
          </pre>
        </div>
      ))}
      {solution?.solutions.length === 0 && (
        <p class="lab-word">{say('This step has no solution beyond what its text shows.')}</p>
      )}
      <Acts acts={acts} progress={progress} ready={isReady(work)} />
      <WordLine word={acts.word('').value} />
    </div>
  );
}

function Message({ progress }: { progress: StepProgress }) {
  const { state, message, waiting } = progress;
  if (message === '' || state === 'todo') return null;
  const shapes = { done: '✓', waiting: '◔', checking: '◌', 'not-done': '✕', skipped: '⤼' } as const;
  return (
    <div class={`lab-check ${state}`}>
      <span aria-hidden="true">{shapes[state]}</span>
      <div>
        {message}
        {state === 'waiting' && waiting?.progress && <Far progress={waiting.progress} />}
      </div>
    </div>
  );
}

export function Far({
  progress: { done, all, unit },
}: {
  progress: { done: number; all: number; unit: string };
}) {
  const words = say('{0} of {1} {2}', done, all, unit);
  return (
    <div class="lab-far">
      <progress value={done} max={Math.max(all, 1)} aria-label={words} />
      <small>{words}</small>
    </div>
  );
}

function Acts({
  acts,
  progress,
  ready,
}: {
  acts: StepActs;
  progress: StepProgress | undefined;
  ready: boolean;
}) {
  const working = acts.word('').value.says === 'working' || progress?.state === 'checking';
  const solve = async (): Promise<void> => {
    if (
      isOver(progress) ||
      (await ask({
        title: say('Show the solution?'),
        text: say('Trying first teaches more. The step still becomes done when its check passes.'),
        yes: say('Show it'),
        no: say('Keep trying'),
      }))
    )
      await acts.showSolution();
  };
  const reset = async (): Promise<void> => {
    if (
      await ask({
        title: say('Begin this step anew?'),
        text: say(
          'What the step made is undone, and its files become as the lesson has them: your changes to those files are lost. Other files stay.',
        ),
        yes: say('Reset step'),
        no: say('Leave it'),
        loses: true,
      })
    )
      await acts.reset();
  };
  return (
    <div class="lab-acts">
      <button type="button" disabled={!ready || working} onClick={() => void acts.check()}>
        {working ? say('Checking…') : say('Check now')}
      </button>
      <button type="button" disabled={!ready} onClick={() => void solve()}>
        {say('Show solution')}
      </button>
      <button type="button" disabled={!ready} onClick={() => void reset()}>
        {say('Reset step')}
      </button>
    </div>
  );
}

/** What an act said, beside or below its button. */
export function WordLine({ word }: { word: Word }) {
  return (
    <div role="status" class="lab-words">
      {word.says === 'this' && <span class={word.bad ? 'lab-word bad' : 'lab-word'}>{word.text}</span>}
    </div>
  );
}
