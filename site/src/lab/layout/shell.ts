/** The lab's frame: moves the article to the left, makes room for the workspace on the right, hides the sidebar. */
import { say } from '../words/layout.ts';

export interface Shell {
  readonly root: HTMLElement;
  readonly text: HTMLElement;
  readonly grip: HTMLElement;
  /** the landmark around the divider and the workspace */
  readonly frame: HTMLElement;
  readonly work: HTMLElement;
  readonly switcher: HTMLElement;
  readonly status: HTMLElement;
  readonly live: HTMLElement;
}

/** @param host `#lab` of the page; what is put in it tells the page's styles that a lab is open */
export function openShell(host: HTMLElement): Shell {
  const main = document.querySelector('main');
  if (main === null) throw new Error('this page has no <main>');
  const shell = shellParts('lab-root', make('div', 'lab-text'));
  const { root } = shell;
  host.append(make('span', 'lab-is-open'));
  // moved, not copied: whatever listens in the article still does
  shell.text.append(main);
  // inside the workspace, so that the divider lies in a landmark
  shell.frame.append(shell.grip, shell.work);
  root.append(shell.text, shell.frame, shell.switcher, shell.status, shell.live);
  (document.querySelector('.page') ?? document.body).append(root);
  document.documentElement.classList.add('lab-open');
  // the Start button is hidden now: the keyboard goes on in the text
  shell.text.tabIndex = -1;
  shell.text.focus({ preventScroll: true });
  return shell;
}

/** All that a frame is made of, nothing of it in the page yet. @param text what the workspace stands beside, or under */
export function shellParts(rootClass: string, text: HTMLElement): Shell {
  const shell: Shell = {
    root: make('div', rootClass),
    text,
    grip: make('div', 'lab-grip-place'),
    frame: make('section', 'lab-frame'),
    work: make('div', 'lab-work'),
    switcher: make('nav', 'lab-switch'),
    status: make('footer', 'lab-status'),
    live: make('div', 'lab-live'),
  };
  shell.frame.setAttribute('aria-label', say('Workspace'));
  shell.switcher.setAttribute('aria-label', say('Parts of the lab'));
  shell.live.setAttribute('aria-live', 'polite');
  return shell;
}

/** An element of a class, empty. */
export function make(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

/** Styles come with the lab and not with the page (Vite would link an imported stylesheet on every lesson). */
export async function loadStyles(addresses: readonly string[]): Promise<void> {
  await Promise.all(addresses.map(loadStyle));
}

function loadStyle(href: string): Promise<void> {
  if (document.querySelector(`link[href="${href}"]`) !== null) return Promise.resolve();
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  return new Promise((done, failed) => {
    link.onload = () => done();
    link.onerror = () => failed(new Error(say('The lab’s styles did not arrive. Reload the page.')));
    document.head.append(link);
  });
}
