/** The lab that is open on this page, for what is loaded beside it; null: none yet. */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { Work } from './work.ts';

export interface OpenedLab {
  readonly work: Work;
  /** what scrolls the lesson's text */
  readonly text: HTMLElement;
  /** the step at hand is shown: from now on the text stays where the person scrolls it */
  readonly entered: Signal<boolean>;
  /** the lesson's text was exchanged */
  redraw(): void;
}
export const opened: Signal<OpenedLab | null> = signal(null);
