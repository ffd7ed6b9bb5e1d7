/** How what is alive comes into the static page: places for what is drawn, and blocks of code that keys reach. */
import { render } from 'preact';
import type { ComponentChild } from 'preact';

export type Undo = () => void;

/** Draws into a new element of `parent`, at its end or `first`. @returns takes away what was drawn */
export function put(parent: HTMLElement, tag: string, what: ComponentChild, first = false): Undo {
  const place = document.createElement(tag);
  place.className = 'lab-drawn';
  if (first) parent.prepend(place);
  else parent.append(place);
  render(what, place);
  return () => render(null, place);
}

/** A block of code becomes one with a bar, which the keyboard reaches. */
export function liven(figure: HTMLElement): void {
  figure.classList.add('lab-fence');
  const pre = figure.querySelector('pre');
  if (pre !== null) pre.tabIndex = 0;
}

/** Shift+Enter in a block of code does what its *Run* does. */
export function onShiftEnter(figure: HTMLElement, run: () => void): void {
  figure.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !event.shiftKey) return;
    event.preventDefault();
    run();
  });
}
