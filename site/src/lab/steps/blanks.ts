/** `{{user}}` and `{{fact:NAME}}`: labelled spans of the static page, filled in once they are known and again when a fact changes. */
import type { Work } from '../work.ts';

export interface Filling {
  readonly user: string | null;
  readonly facts: Readonly<Record<string, string>>;
}

/** What is known in this lab now; read while drawing or in an effect, it is followed. */
export function fillingOf({ lab, facts }: Pick<Work, 'lab' | 'facts'>): Filling {
  return { user: lab.value?.user ?? null, facts: facts.value };
}

/** @returns the value of `user` or `fact:NAME`; null while nobody knows it */
export function valueOf(name: string, filling: Filling): string | null {
  if (name === 'user') return filling.user;
  const fact = name.slice(5);
  return name.startsWith('fact:') && Object.hasOwn(filling.facts, fact)
    ? (filling.facts[fact] ?? null)
    : null;
}

/** Writes what is known into every span below `root`. */
export function fillSpans(root: HTMLElement, filling: Filling): void {
  for (const span of root.querySelectorAll<HTMLElement>('[data-blank]')) {
    const value = valueOf(span.dataset['blank'] ?? '', filling);
    if (value === null) continue;
    span.textContent = value;
    span.classList.add('known');
  }
}

/** The names of blanks below `root` that nothing fills yet. */
export function missingIn(root: HTMLElement, filling: Filling): readonly string[] {
  const names = [...root.querySelectorAll<HTMLElement>('[data-blank]')].map(
    (span) => span.dataset['blank'] ?? '',
  );
  return [...new Set(names.filter((name) => valueOf(name, filling) === null))];
}

/** A blank's name for a sentence: `fact:rule` → `rule`. */
export function blankWord(name: string): string {
  return name.replace(/^fact:/, '');
}
