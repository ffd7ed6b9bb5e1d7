/** What the static page says of its lesson. */
import type { Language } from '../../../sandbox-server/contract/names.ts';
import { LANGUAGE } from './words/language.ts';

export interface LessonPage {
  /** in which the page is written; the workspace speaks it, too */
  readonly language: Language;
  readonly course: string;
  readonly lesson: string;
  readonly title: string;
  readonly kit: string;
  /** the next lesson's id; '' where this is the last */
  readonly next: string;
  /** what the lesson needs outside its sandbox, e.g. `data-lake` */
  readonly services: readonly string[];
  /** lessons that must have happened */
  readonly after: readonly string[];
  readonly steps: readonly PageStep[];
  /** a guide: a terminal under the text, and no editor */
  readonly below: boolean;
}
export interface PageStep {
  readonly id: string;
  readonly title: string;
  readonly actions: readonly string[];
}

/** Reads `<div id="lab" data-…>` and the steps' sections. */
export function readPage(host: HTMLElement, sections: Iterable<HTMLElement>): LessonPage {
  const {
    course = '',
    lesson = '',
    title = '',
    kit = 'base',
    next = '',
    after = '',
    services = '',
    place = '',
  } = host.dataset;
  return {
    language: LANGUAGE,
    course,
    lesson,
    title,
    kit,
    next,
    services: idsIn(services),
    after: idsIn(after),
    below: place === 'below',
    steps: [...sections].map((section) => ({
      id: section.dataset['step'] ?? '',
      title: titleOf(section),
      actions: [...section.querySelectorAll<HTMLElement>('[data-action]')].map(
        (fence) => fence.dataset['action'] ?? '',
      ),
    })),
  };
}

/** A heading without what the lab draws beside it. */
function titleOf(section: HTMLElement): string {
  const parts = [...(section.querySelector('h2')?.childNodes ?? [])];
  const own = parts.filter((part) => !(part instanceof HTMLElement && part.classList.contains('lab-drawn')));
  return own
    .map(({ textContent }) => textContent ?? '')
    .join('')
    .trim();
}

function idsIn(text: string): string[] {
  return text.split(/[^a-z0-9-]+/).filter((id) => id !== '');
}
