/** The author's bar: what does not hold, where the lab stands, and each step with its check and the way to it. */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { AuthorStep, AuthoringNews } from '../../../sandbox-server/contract/authoring.ts';
import type { StepState } from '../../../sandbox-server/contract/progress.ts';
import { opened } from '../lab/opened.ts';
import { sentence } from '../lab/server.ts';
import type { Server } from '../lab/server.ts';
import { pill } from '../lab/steps/pill.ts';
import { isReady } from '../lab/work.ts';
import { standsAt, wayTo } from './way.ts';

type Mistakes = Extract<AuthoringNews, { type: 'mistakes' }>['mistakes'];
export interface Bar {
  readonly server: Server;
  readonly course: string;
  readonly lesson: string;
  /** whether this person is one: others see mistakes and saves, no check */
  readonly author: boolean;
  readonly steps: Signal<readonly AuthorStep[]>;
  readonly mistakes: Signal<Mistakes>;
  /** the newest word on saves and ways */
  readonly said: Signal<{ readonly text: string; readonly bad: boolean }>;
  /** on the way to a step */
  readonly busy: Signal<boolean>;
}
const unfolded = signal(false);

export function AuthorBar({ bar }: { bar: Bar }) {
  const { text, bad } = bar.said.value;
  return (
    <>
      <MistakeList mistakes={bar.mistakes.value} />
      {bar.author && <Head bar={bar} />}
      <p role="status" class={bad ? 'author-said bad' : 'author-said'}>
        {text}
      </p>
      {bar.author && (
        <ol id="author-steps" hidden={!unfolded.value}>
          {bar.steps.value.map((step, at) => (
            <StepRow key={step.id} bar={bar} step={step} at={at} />
          ))}
        </ol>
      )}
    </>
  );
}

function MistakeList({ mistakes }: { mistakes: Mistakes }) {
  return (
    <div role="alert" class="author-mistakes">
      {mistakes.length > 0 && <b>Not taken over: this page shows the lesson as it last was whole.</b>}
      {mistakes.map(({ file, line, message, expected, received }) => (
        <dl key={`${file}:${String(line)} ${message}`}>
          <dt>
            <code>
              {file}:{line}
            </code>{' '}
            {message}
          </dt>
          <dd>expected: {expected}</dd>
          <dd>received: {received}</dd>
        </dl>
      ))}
    </div>
  );
}

function Head({ bar }: { bar: Bar }) {
  const states = statesOf(bar);
  const at = standsAt(states);
  const all = states.length;
  return (
    <div class="author-head">
      <button
        type="button"
        aria-expanded={unfolded.value}
        aria-controls="author-steps"
        onClick={() => void (unfolded.value = !unfolded.value)}
      >
        <span aria-hidden="true">{unfolded.value ? '▾' : '▸'}</span> Author’s bar
      </button>
      <span class="author-at">{whereOf(bar, at, all)}</span>
      <span class="author-ways">
        <button type="button" disabled={!mayGo(bar) || at === 0} onClick={() => void go(bar, at - 1)}>
          Back a step
        </button>
        <button type="button" disabled={!mayGo(bar) || at >= all} onClick={() => void go(bar, at + 1)}>
          Play this step
        </button>
        <button type="button" disabled={!mayGo(bar) || at >= all} onClick={() => void go(bar, all)}>
          Play to the end
        </button>
      </span>
    </div>
  );
}

function whereOf(bar: Bar, at: number, all: number): string {
  if (opened.value === null) return 'Start the lab to play its steps.';
  if (at >= all) return `All ${String(all)} steps are done.`;
  return `At step ${String(at + 1)} of ${String(all)}: ${bar.steps.value[at]?.title ?? ''}`;
}

function StepRow({ bar, step, at }: { bar: Bar; step: AuthorStep; at: number }) {
  const states = statesOf(bar);
  const { word, shape, state } = pill(opened.value?.work.steps.value.get(step.id), 0);
  return (
    <li>
      <div class="author-step">
        <a href={`#${step.id}`} onClick={() => void (unfolded.value = false)}>
          {step.title}
        </a>
        <span class={`author-state ${state}`}>
          <span aria-hidden="true">{shape}</span> {word}
        </span>
        <Way bar={bar} at={at} title={step.title} way={wayTo(states, at)} />
      </div>
      {step.checks.length === 0 && (
        <p class="author-none">No check: done once its commands ran, or it was read.</p>
      )}
      {step.checks.map(({ lang, code, place, as }) => (
        <details key={`${String(place.line)} ${code}`}>
          <summary>
            check <code>{`${place.file}:${String(place.line)}`}</code> {as === undefined ? lang : `as ${as}`}
          </summary>
          <pre tabIndex={0}>
            <code>{code}</code>
          </pre>
        </details>
      ))}
    </li>
  );
}

const WAYS = { forward: 'Fast-forward to here', back: 'Reset to here' } as const;

function Way({
  bar,
  at,
  title,
  way,
}: {
  bar: Bar;
  at: number;
  title: string;
  way: ReturnType<typeof wayTo>;
}) {
  if (way === 'here') return <b class="author-here">{opened.value === null ? '' : 'You are here'}</b>;
  return (
    <button
      type="button"
      disabled={!mayGo(bar)}
      aria-label={`${WAYS[way]}: ${title}`}
      onClick={() => void go(bar, at)}
    >
      {WAYS[way]}
    </button>
  );
}

function statesOf(bar: Bar): StepState[] {
  const known = opened.value?.work.steps.value;
  return bar.steps.value.map(({ id }) => known?.get(id)?.state ?? 'todo');
}

function mayGo(bar: Bar): boolean {
  const lab = opened.value;
  return lab !== null && isReady(lab.work) && !bar.busy.value;
}

/** @param to index of the step that is to be at hand; their number: past the last */
async function go(bar: Bar, to: number): Promise<void> {
  const id = opened.value?.work.lab.value?.id;
  if (id === undefined) return;
  const step = bar.steps.value[to];
  const forward = wayTo(statesOf(bar), to) === 'forward';
  const where = step === undefined ? 'the end' : step.title;
  bar.busy.value = true;
  bar.said.value = { text: `${forward ? 'Playing' : 'Going back'} to ${where}…`, bad: false };
  try {
    await bar.server.post(`/api/labs/${id}/authoring/${bar.lesson}`, { step: step?.id ?? null });
    bar.said.value = { text: step === undefined ? 'Played to the end.' : `At ${where}.`, bad: false };
  } catch (error) {
    bar.said.value = { text: sentence(error), bad: true };
  } finally {
    bar.busy.value = false;
  }
}
