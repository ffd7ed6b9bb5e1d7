/**
 * The page while `npm run dev` runs: it follows what authors save. The text is exchanged in place; the lab, its terminals
 * and what was answered stay. Loaded by no other server.
 */
import { signal } from '@preact/signals';
import { h, render } from 'preact';
import type { Me } from '../../../sandbox-server/contract/api.ts';
import type { AuthorStep, AuthoringNews, FreshLesson } from '../../../sandbox-server/contract/authoring.ts';
import { followEvents } from '../lab/events/follow.ts';
import { loadStyles } from '../lab/layout/shell.ts';
import { opened } from '../lab/opened.ts';
import { createServer, sentence } from '../lab/server.ts';
import { LANGUAGE } from '../lab/words/language.ts';
import { AuthorBar, type Bar } from './bar.tsx';
import styles from './bar.css?url';
import { exchange, keyOf, partsOf } from './exchange.ts';
import { comeBack, holdPlace, keepPlace, loadAgain } from './place.ts';

interface Following {
  readonly address: string;
  readonly bar: Bar;
  readonly lesson: HTMLElement;
  /** keys of the parts that the page's text was made of */
  parts: readonly string[];
  /** the save that is on the page, ms since the epoch by the server's clock */
  savedAt: number;
  /** the site is built again: nothing newer is to be said before that has ended */
  building: boolean;
}

/** Resolves once the page shows the newest text, so that a lab opens on it. @param host `#lab` of the page */
export async function follow(host: HTMLElement, me: Me | null): Promise<void> {
  const { course = '', lesson: id = '' } = host.dataset;
  const lesson = textOf(document);
  if (lesson === null) return;
  await loadStyles([styles]);
  const author = me?.roles.includes('author') ?? false;
  const bar: Bar = {
    server: createServer(),
    course,
    lesson: id,
    author,
    steps: signal([]),
    mistakes: signal([]),
    said: signal({ text: '', bad: false }),
    busy: signal(false),
  };
  place(bar, lesson);
  const following = {
    address: `/api/authoring/${course}/${id}`,
    bar,
    lesson,
    parts: await partsAsBuilt(),
    savedAt: 0,
    building: false,
  };
  await renew(following);
  comeBack();
  listen(following);
}

/** What holds the parts of a lesson, or of a guide. */
function textOf(page: Document): HTMLElement | null {
  const guide = '.sl-markdown-content';
  return page.querySelector<HTMLElement>('.lesson') ?? page.querySelector<HTMLElement>(guide);
}

function place(bar: Bar, lesson: HTMLElement): void {
  const aside = document.createElement('aside');
  aside.className = 'author';
  aside.setAttribute('aria-label', 'For authors');
  document.querySelector('.meta-line')?.before(aside);
  render(h(AuthorBar, { bar }), aside);
  holdPlace(aside, lesson);
}

/** Scripts have changed the page since: the file knows what it was made of. */
async function partsAsBuilt(): Promise<string[]> {
  const answer = await fetch(location.pathname);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const lesson = textOf(page);
  return lesson === null ? [] : partsOf(lesson).map(keyOf);
}

/** A tab that nobody looks at needs no connection: browsers have six for all tabs of an address. */
function listen(following: Following): void {
  let stream: Disposable | null = null;
  const look = (): void => {
    if (document.hidden) {
      stream?.[Symbol.dispose]();
      stream = null;
      return;
    }
    stream ??= followEvents<AuthoringNews>(
      '/api/authoring/events',
      (news) => void hear(following, news),
      (state) => {
        // what was saved before it was open was not heard
        if (state === 'open') void renew(following);
      },
    );
  };
  document.addEventListener('visibilitychange', look);
  look();
}

async function hear(following: Following, news: AuthoringNews): Promise<void> {
  const { bar } = following;
  switch (news.type) {
    case 'lesson':
      if (news.course === bar.course && news.lesson === bar.lesson) await renew(following);
      return;
    case 'mistakes':
      bar.mistakes.value = news.mistakes;
      return;
    case 'building':
      following.building = true;
      bar.said.value = {
        text: 'More than this text changed: building the site again, about 20 s…',
        bad: false,
      };
      return;
    case 'built':
      following.building = false;
      if (news.problem === null) loadAgain();
      else bar.said.value = { text: news.problem, bad: true };
  }
}

async function renew(following: Following): Promise<void> {
  const { bar, address } = following;
  try {
    const [{ html, savedAt }, steps] = await Promise.all([
      bar.server.get<FreshLesson>(address),
      bar.author ? bar.server.get<AuthorStep[]>(`${address}/steps`) : [],
    ]);
    bar.steps.value = steps;
    if (savedAt <= following.savedAt) return;
    following.savedAt = savedAt;
    if (LANGUAGE !== 'en') {
      bar.said.value = {
        text: 'The English text was saved. This translation is as the site was built.',
        bad: false,
      };
      return;
    }
    if (html === null) {
      bar.said.value = {
        text: 'This lesson holds pictures: they are placed when the site is built again.',
        bad: false,
      };
      return;
    }
    show(following, html);
    if (!following.building) bar.said.value = { text: `As saved at ${clockOf(savedAt)}.`, bad: false };
  } catch (error) {
    bar.said.value = { text: sentence(error), bad: true };
  }
}

function show(following: Following, html: string): void {
  const { lesson } = following;
  const fresh = new DOMParser().parseFromString(`<div>${html}</div>`, 'text/html').body.firstElementChild;
  if (fresh === null) return;
  const after = partsOf(fresh);
  const keys = after.map(keyOf);
  keepPlace(lesson, () => {
    const focused = document.activeElement;
    const parts = exchange(lesson, following.parts, after);
    following.parts = keys;
    countSteps(lesson);
    offerCopies();
    opened.value?.redraw();
    // whoever stood in a part that went stands in the one that came
    if (focused !== null && !focused.isConnected) focusOn(parts[0]);
    for (const part of parts) part.classList.add('just-saved');
  });
}

function focusOn(part: HTMLElement | undefined): void {
  if (part === undefined) return;
  part.tabIndex = -1;
  part.focus({ preventScroll: true });
}

function countSteps(lesson: HTMLElement): void {
  const n = lesson.querySelectorAll('section.step').length;
  const line = document.querySelector('.meta-line')?.firstChild;
  if (line?.nodeType !== Node.TEXT_NODE) return;
  line.textContent = (line.textContent ?? '').replace(/\d+ steps?/, `${String(n)} step${n === 1 ? '' : 's'}`);
}

function offerCopies(): void {
  const copy = document.querySelector('copy-code');
  copy?.replaceWith(copy.cloneNode());
}

function clockOf(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB');
}
