/** The page /my-labs/: the learner's labs, drawn from text nodes, and what can be done with each. */
import type { CourseSummary } from '../../../sandbox-server/contract/api.ts';
import type { Lab } from '../../../sandbox-server/contract/lab.ts';
import { session } from '../frame/session.ts';
import { endQuestion, lineOf, offerWords } from './lab-line.ts';
import type { Offer } from './lab-line.ts';

const list = document.querySelector<HTMLElement>('.labs');
const says = document.querySelector<HTMLElement>('.labs-say');
/** ms between two looks while a lab is on its way */
const again = 2_000;

async function show(): Promise<void> {
  const answer = await session();
  if (answer === null) return say('Labs are not available here: this is the static edition.');
  if (answer.me === null) return say('Sign in, and your labs stand here.');
  const [labs, courses] = await Promise.all([ask<Lab[]>('/api/labs'), ask<CourseSummary[]>('/api/courses')]);
  draw(
    labs.filter((lab) => lab.state !== 'ended'),
    courses,
  );
}

async function ask<T>(path: string, method = 'GET'): Promise<T> {
  const headers: Record<string, string> = method === 'GET' ? {} : { 'x-palestra': '1' };
  const reply = await fetch(path, { method, headers });
  const body: unknown = reply.status === 204 ? null : await reply.json();
  if (!reply.ok) throw new Error(sentenceOf(body));
  return body as T;
}

function sentenceOf(body: unknown): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  return typeof message === 'string' ? message : 'The server did not understand. Reload the page.';
}

function draw(labs: readonly Lab[], courses: readonly CourseSummary[]): void {
  say(labs.length === 0 ? 'You have no labs. Choose a course, and Start opens one.' : '');
  list?.replaceChildren(...labs.map((lab) => item(lab, courses)));
  if (labs.some((lab) => lineOf(lab, day).moving)) setTimeout(() => void look(), again);
}

function item(lab: Lab, courses: readonly CourseSummary[]): HTMLElement {
  const line = lineOf(lab, day);
  const course = courses.find((one) => one.id === lab.course);
  const title = course?.title ?? lab.course;
  const lesson = course?.lessons.find((one) => one.id === lab.lesson)?.title ?? lab.lesson;
  const link = element('a', lesson);
  link.setAttribute(
    'href',
    `${lab.course === 'guides' ? '' : '/courses'}/${lab.course}/${lab.lesson}/${line.word === 'running' ? '?start' : ''}`,
  );
  const word = element('span', line.word, 'word');
  word.dataset['tone'] = line.tone;
  const heading = element('h2', `${title} `);
  heading.append(word);
  const where = element('p', 'At ');
  where.append(link, `. ${line.text}`);
  const offers = element('p', '', 'offers');
  offers.append(...line.offers.map((offer) => button(offer, lab, title)));
  const row = element('li', '');
  row.append(heading, where, offers);
  return row;
}

function button(offer: Offer, lab: Lab, title: string): HTMLElement {
  const made = element('button', offerWords[offer], 'ghost');
  made.setAttribute('aria-label', `${offerWords[offer]} ${title}`);
  made.addEventListener('click', () => {
    if (offer === 'end' && !confirm(endQuestion(title))) return;
    void act(offer, lab.id);
  });
  return made;
}

async function act(offer: Offer, lab: string): Promise<void> {
  await spoken(async () => {
    if (offer === 'end') await ask(`/api/labs/${lab}`, 'DELETE');
    else await ask(`/api/labs/${lab}/${offer}`, 'POST');
    await show();
  });
}

async function look(): Promise<void> {
  await spoken(show);
}

/** Whatever goes wrong is said on the page, in the server's own sentence where it gave one. */
async function spoken(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    say(
      error instanceof TypeError
        ? 'The server does not answer. Your labs run on; reload the page in a moment.'
        : String(error instanceof Error ? error.message : error),
    );
  }
}

function element(tag: string, text: string, className = ''): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className !== '') made.className = className;
  return made;
}

function say(words: string): void {
  if (says) says.textContent = words;
}

function day(at: number): string {
  const { lang } = document.documentElement;
  return new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, { day: 'numeric', month: 'short' }).format(
    at,
  );
}

void look();
