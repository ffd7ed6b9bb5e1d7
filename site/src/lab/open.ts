/** What *Start* brings: the article becomes the left side of a workspace, and the lab starts. */
import { effect, signal } from '@preact/signals';
import { h, render } from 'preact';
import type { CourseSummary, Me } from '../../../sandbox-server/contract/api.ts';
import type { Lab } from '../../../sandbox-server/contract/lab.ts';
import type { Progress } from '../../../sandbox-server/contract/progress.ts';
import xtermStyles from '@xterm/xterm/css/xterm.css?url';
import labStyles from './lab.css?url';
import { openEvents } from './events/stream.ts';
import { Divider } from './layout/divider.tsx';
import { ask } from './layout/dialog.ts';
import { TEXT } from './layout/share.ts';
import { openBelow } from './layout/below.ts';
import { loadStyles, openShell } from './layout/shell.ts';
import type { Shell } from './layout/shell.ts';
import { StatusLine } from './layout/status-line.tsx';
import { Switcher } from './layout/switcher.tsx';
import { Workspace } from './layout/workspace.tsx';
import type { Door } from './layout/workspace.tsx';
import { opened } from './opened.ts';
import { readPage } from './page.ts';
import { createServer, Refused, sentence } from './server.ts';
import { overall } from './steps/pill.ts';
import { drawSteps } from './steps/steps.tsx';
import { dialTerminals } from './terminal/open-terminals.ts';
import { say } from './words/entry.ts';
import { say as layoutSays } from './words/layout.ts';
import { createWork, hear, notify, takeAnswer, takeProgress } from './work.ts';
import type { Notice, Work } from './work.ts';

/** Opens the lab of this page for this person. Rejects where the page itself cannot become a lab. */
export async function openLab(host: HTMLElement, me: Me): Promise<void> {
  const sections = [...document.querySelectorAll<HTMLElement>('section.step')];
  const work = createWork(readPage(host, sections), createServer(), me);
  const door = signal<Door>({ at: 'open' });
  await loadStyles([xtermStyles, labStyles]);
  const shell = work.page.below ? openBelow(host) : openShell(host);
  await fontsOrPatience();
  followLab(work);
  keepTime(work);
  warnBeforeLeaving(work);
  const draw = drawSteps(work, shell.text);
  const entered = signal(false);
  opened.value = { work, text: shell.text, entered, redraw: () => redraw(work, host, shell.text, draw) };
  drawFrame(work, shell, door);
  await enter(work, door);
  showNextStep(work, sections);
  entered.value = true;
}

/** The lesson's text was exchanged for what its author saved. */
function redraw(work: Work, host: HTMLElement, text: HTMLElement, draw: () => void): void {
  work.turnTo(readPage(host, text.querySelectorAll<HTMLElement>('section.step')));
  draw();
}

/** A terminal measures its letters once, so the font should be there; a slow network is not waited for. */
async function fontsOrPatience(): Promise<void> {
  const patience = new Promise((done) => setTimeout(done, 1500));
  await Promise.race([document.fonts.load('13.5px "JetBrains Mono Variable"'), patience]);
}

function drawFrame(work: Work, shell: Shell, door: { value: Door }): void {
  const acts = {
    start: (prepare: boolean) => void start(work, door, prepare),
    resume: () => void resume(work),
  };
  render(
    h(Divider, {
      label: layoutSays('Width of the text'),
      way: 'vertical',
      name: 'text',
      otherwise: 46,
      bounds: TEXT,
      property: '--share',
      parent: shell.root,
    }),
    shell.grip,
  );
  render(h(Frame, { work, door, acts }), shell.work);
  render(h(Switcher, { work }), shell.switcher);
  render(h(StatusLine, { work, onPause: () => void pause(work), onEnd: () => void end(work) }), shell.status);
  effect(() => void (shell.root.dataset['seen'] = work.seen.value));
  effect(() => void (shell.live.textContent = work.spoken.value));
}

function Frame({
  work,
  door,
  acts,
}: {
  work: Work;
  door: { value: Door };
  acts: Parameters<typeof Workspace>[0]['acts'];
}) {
  return h(Workspace, { work, door: door.value, acts });
}

/** A learner who comes back sees the step at hand; who begins, the beginning. */
function showNextStep(work: Work, sections: readonly HTMLElement[]): void {
  const { next, done } = overall(work.page.steps, work.steps.value);
  if (done > 0)
    sections.find((section) => section.dataset['step'] === next)?.scrollIntoView({ block: 'start' });
}

/** Begin, or first ask whether earlier lessons should be prepared. */
async function enter(work: Work, door: { value: Door }): Promise<void> {
  const missing = await missingLessons(work);
  if (missing.length > 0) door.value = { at: 'choice', missing };
  else await start(work, door, false);
}

async function missingLessons(work: Work): Promise<readonly string[]> {
  if (work.page.after.length === 0) return [];
  const courses = await work.server.get<CourseSummary[]>('/api/courses');
  const lessons = courses.find(({ id }) => id === work.page.course)?.lessons ?? [];
  return lessons
    .filter(({ id, done, steps }) => work.page.after.includes(id) && done < steps)
    .map(({ title }) => title);
}

async function start(work: Work, door: { value: Door }, prepare: boolean): Promise<void> {
  door.value = { at: 'open' };
  work.lab.value = null;
  const { course, lesson, language } = work.page;
  try {
    await takeAnswer(work, work.server.post<Lab>('/api/labs', { course, lesson, prepare, language }));
    await catchUp(work);
  } catch (error) {
    door.value = { at: 'refused', message: sentence(error) };
  }
}

async function resume(work: Work): Promise<void> {
  await change(work, 'resume');
}

async function pause(work: Work): Promise<void> {
  const agreed = await ask({
    title: say('Pause this lab?'),
    text: say(
      'Your files and your progress are kept. Programs that run are ended, and the terminals begin anew when you resume.',
    ),
    yes: say('Pause'),
    no: say('Go on'),
  });
  if (!agreed) return;
  await trying(work, async () => void (await work.saveAll()));
  await change(work, 'pause');
}

async function end(work: Work): Promise<void> {
  const lab = work.lab.value;
  if (lab === null) return;
  const agreed = await ask({
    title: say('End this lab?'),
    text: say(
      'The sandbox and every file in it are deleted, and programs are ended. Your progress stays: done steps are still done. Download what you want to keep from the file tree first, or pause instead: that keeps the files.',
    ),
    yes: say('End and delete the files'),
    no: say('Keep it'),
    loses: true,
  });
  if (agreed) await trying(work, () => work.server.remove(`/api/labs/${lab.id}`));
}

async function change(work: Work, to: 'pause' | 'resume'): Promise<void> {
  const id = work.lab.value?.id ?? '';
  await trying(work, () => takeAnswer(work, work.server.post<Lab>(`/api/labs/${id}/${to}`)));
}

async function trying(work: Work, doing: () => Promise<void>): Promise<void> {
  try {
    await doing();
  } catch (error) {
    notify(work, { key: 'lab', text: sentence(error), bad: true });
  }
}

/** One stream for all tabs; whenever it begins anew, what the store knows is read again. */
function followLab(work: Work): void {
  openEvents(
    (event) => hear(work, event),
    (state) => {
      work.stream.value = state;
      if (state === 'silent') dialTerminals(work);
      if (state === 'open' && work.lab.value !== null) void catchUp(work);
    },
  );
}

const SIGNED_OUT: Notice = {
  key: 'login',
  text: say('You are signed out. Your programs run on.'),
  bad: true,
  link: {
    href: `/auth/login?next=${encodeURIComponent(`${location.pathname}?start`)}`,
    title: say('Sign in again'),
  },
};

async function catchUp(work: Work): Promise<void> {
  try {
    takeProgress(work, await work.server.get<Progress>(`/api/courses/${work.page.course}/progress`));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code === 'not-signed-in') notify(work, SIGNED_OUT);
  }
}

function keepTime(work: Work): void {
  setInterval(() => void (work.now.value = Date.now()), 1000);
}

function warnBeforeLeaving(work: Work): void {
  addEventListener('beforeunload', (event) => {
    if (work.unsaved.value.length > 0) event.preventDefault();
  });
}
