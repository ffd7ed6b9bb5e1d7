/** A guide's frame: the article stays where it is, and a small workspace lies under it. */
import { make, shellParts, type Shell } from './shell.ts';

/** @param host `#lab` of the page */
export function openBelow(host: HTMLElement): Shell {
  const main = document.querySelector('main');
  if (main === null) throw new Error('this page has no <main>');
  const shell = shellParts('lab-root lab-below', main);
  const { root, frame, work, status, live } = shell;
  // without grip and switcher: there is nothing beside it to share the width with, and one part alone to see
  frame.append(work);
  root.append(frame, status, live);
  host.append(make('span', 'lab-is-open'));
  document.body.append(root);
  document.documentElement.classList.add('lab-below-open');
  return shell;
}
