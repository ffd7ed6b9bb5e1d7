/** What the workspace knows: signals that panels draw, and how each event of the server changes them. */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JupyterLab, Me } from '../../../sandbox-server/contract/api.ts';
import type { LearnerEvent } from '../../../sandbox-server/contract/events.ts';
import type { FileChange } from '../../../sandbox-server/contract/files.ts';
import type { Lab } from '../../../sandbox-server/contract/lab.ts';
import type { Progress, StepProgress } from '../../../sandbox-server/contract/progress.ts';
import type { TerminalInfo } from '../../../sandbox-server/contract/terminal.ts';
import type { StreamState } from './events/follow.ts';
import type { LessonPage } from './page.ts';
import type { Server } from './server.ts';
import { announcement } from './steps/pill.ts';
import { say } from './words/entry.ts';

export interface OpenPort {
  readonly port: number;
  readonly command: string;
}
/** A line over the workspace; `key` keeps one of a kind. */
export interface Notice {
  readonly key: string;
  readonly text: string;
  readonly bad: boolean;
  /** a way on */
  readonly link?: { readonly href: string; readonly title: string };
}

export interface Work {
  /** what the page says of its lesson now: an author may save it while it is open */
  readonly page: LessonPage;
  turnTo(page: LessonPage): void;
  readonly server: Server;
  readonly me: Me;
  readonly lab: Signal<Lab | null>;
  /** this lesson's steps by id */
  readonly steps: Signal<ReadonlyMap<string, StepProgress>>;
  readonly facts: Signal<Readonly<Record<string, string>>>;
  readonly terminals: Signal<readonly TerminalInfo[]>;
  readonly ports: Signal<readonly OpenPort[]>;
  readonly stream: Signal<StreamState>;
  /** ms since the epoch, by the second */
  readonly now: Signal<number>;
  readonly notices: Signal<readonly Notice[]>;
  /** the newest words for a screen reader */
  readonly spoken: Signal<string>;
  /** when a file was last saved here, ms */
  readonly savedAt: Signal<number | null>;
  /** paths with unsaved changes */
  readonly unsaved: Signal<readonly string[]>;
  /** `editor`, `data` or `port-8787` */
  readonly upper: Signal<string>;
  /** where JupyterLab lets this learner in, once it was opened */
  readonly jupyter: Signal<JupyterLab | null>;
  /** on a narrow screen: what is seen */
  readonly seen: Signal<'text' | 'upper' | 'terminal'>;
  /** the terminal whose tab is open */
  readonly terminal: Signal<string>;
  /** how many `lab` events were heard: an answer that was overtaken by one is older than it */
  heard: number;
  readonly fileListeners: Set<(changes: readonly FileChange[]) => void>;
  /** saves unsaved files before *Run* and *Check*; the editor sets it once it is open. @returns what was saved */
  saveAll: () => Promise<readonly string[]>;
  /** opens a file in the editor; set by the workspace */
  openFile: (path: string, marker?: string) => Promise<void>;
  /** puts an edit fence into its file in the editor. @returns what was done, in a sentence */
  insert: (edit: Edit) => Promise<string>;
}

export interface Edit {
  readonly file: string;
  readonly at: string | undefined;
  readonly code: string;
}

export function createWork(page: LessonPage, server: Server, me: Me): Work {
  const pages = signal(page);
  return {
    get page() {
      return pages.value;
    },
    turnTo: (next) => void (pages.value = next),
    server,
    me,
    lab: signal(null),
    steps: signal(new Map()),
    facts: signal({}),
    terminals: signal([]),
    ports: signal([]),
    stream: signal('connecting'),
    now: signal(Date.now()),
    notices: signal([]),
    spoken: signal(''),
    savedAt: signal(null),
    unsaved: signal([]),
    upper: signal('editor'),
    jupyter: signal(null),
    seen: signal('text'),
    terminal: signal('1'),
    heard: 0,
    fileListeners: new Set(),
    saveAll: () => Promise.resolve([]),
    openFile: () => Promise.resolve(),
    insert: () => Promise.resolve(''),
  };
}

/** One event of the learner's stream; of other labs only what concerns everybody. */
export function hear(work: Work, event: LearnerEvent): void {
  switch (event.type) {
    case 'lab':
      if (event.lab.course !== work.page.course) return;
      work.heard++;
      return takeLab(work, event.lab);
    case 'notice':
      return notify(work, { key: event.id, text: `${event.from}: ${event.text}`, bad: false });
    case 'restarting':
      return speak(work, say('The server restarts. Your programs run on.'));
    default:
      if (event.lab === work.lab.value?.id) hearOfLab(work, event);
  }
}

function hearOfLab(
  work: Work,
  event: Exclude<LearnerEvent, { type: 'lab' | 'notice' | 'restarting' }>,
): void {
  switch (event.type) {
    case 'step':
      return takeStep(work, event.step);
    case 'facts':
      work.facts.value = { ...work.facts.value, ...event.facts };
      return;
    case 'terminals':
      work.terminals.value = event.terminals;
      return;
    case 'ports':
      work.ports.value = event.ports;
      return;
    case 'files':
      for (const listener of work.fileListeners) listener(event.changes);
      return;
    case 'warning':
      return notify(work, { key: 'warning', text: event.text, bad: true });
    case 'help':
      return;
  }
}

/** Whether a step's buttons can do anything now. */
export function isReady(work: Work): boolean {
  return work.lab.value?.state === 'ready';
}

/** An ended lab of the past is not ours once another runs. */
function takeLab(work: Work, lab: Lab): void {
  const known = work.lab.value;
  if (known !== null && known.id !== lab.id && lab.state === 'ended') return;
  work.lab.value = lab;
}

/** The answer to a request about a lab, unless the stream has said something newer meanwhile. */
export async function takeAnswer(work: Work, asked: Promise<Lab>): Promise<void> {
  const before = work.heard;
  const lab = await asked;
  if (work.heard === before || work.lab.value?.id !== lab.id) takeLab(work, lab);
}

/** The newest word on a step wins; of another lesson nothing is drawn here. */
export function takeStep(work: Work, step: StepProgress): void {
  if (step.lesson !== work.page.lesson) return;
  const before = work.steps.value.get(step.step);
  if (before !== undefined && before.at > step.at) return;
  work.steps.value = new Map(work.steps.value).set(step.step, step);
  const title = work.page.steps.find(({ id }) => id === step.step)?.title ?? step.step;
  const words = announcement(title, before, step);
  if (words !== null) speak(work, words);
}

/** What the store knows: at the beginning, and after the stream was cut. */
export function takeProgress(work: Work, progress: Progress): void {
  work.facts.value = { ...progress.facts };
  const mine = progress.steps.filter(({ lesson }) => lesson === work.page.lesson);
  work.steps.value = new Map(mine.map((step) => [step.step, step]));
}

export function speak(work: Work, words: string): void {
  work.spoken.value = words;
}

export function notify(work: Work, notice: Notice): void {
  work.notices.value = [...work.notices.value.filter(({ key }) => key !== notice.key), notice];
  speak(work, notice.text);
}

export function dismiss(work: Work, key: string): void {
  work.notices.value = work.notices.value.filter((notice) => notice.key !== key);
}
