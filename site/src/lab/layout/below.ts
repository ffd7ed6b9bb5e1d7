/** A guide's frame: the article stays where it is, and a small workspace lies under it. */
import type { Shell } from './shell.ts';

/** @param host `#lab` of the page */
export function openBelow(host: HTMLElement): Shell {
  const text = document.querySelector('main');
  if (text === null) throw new Error('this page has no <main>');
  const root = make('div', 'lab-root lab-below');
  const shell: Shell = {
    root,
    text,
    // there is nothing beside it to share the width with, and one part alone to see
    grip: make('div', ''),
    switcher: make('nav', ''),
    frame: make('section', 'lab-frame'),
    work: make('div', 'lab-work'),
    status: make('footer', 'lab-status'),
    live: make('div', 'lab-live'),
  };
  shell.frame.setAttribute('aria-label', 'Workspace');
  shell.live.setAttribute('aria-live', 'polite');
  shell.frame.append(shell.work);
  root.append(shell.frame, shell.status, shell.live);
  host.append(make('span', 'lab-is-open'));
  document.body.append(root);
  document.documentElement.classList.add('lab-below-open');
  return shell;
}

function make(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}
