/**
 * Esc, then Tab, leaves the terminal (WCAG 2.1.2): the Tab after a lone Esc is the page's, every other is the program's.
 * At an idle prompt the Esc itself waits for the next key: readline would take it for Meta, and after a leave it
 * would swallow the first letter typed on coming back. A running program (vim) gets it at once.
 */
const WITHIN_MS = 3000;

export interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}
export interface Leaving {
  readonly escapedAt: number | null;
  /** the Esc was not sent yet */
  readonly held: boolean;
}
export const STAYING: Leaving = { escapedAt: null, held: false };

/** `hold`: send nothing yet · `leave`: the page's own Tab · `release`: send the held Esc, then this key · `pass` */
export type KeyAct = 'hold' | 'leave' | 'release' | 'pass';

/** @param now ms. @param idle whether a shell waits at its prompt */
export function onKey(state: Leaving, key: Key, now: number, idle: boolean): { state: Leaving; act: KeyAct } {
  // Shift is pressed before Shift+Tab and must not undo the Esc
  if (['Shift', 'Control', 'Alt', 'Meta'].includes(key.key)) return { state, act: 'pass' };
  const plain = !key.ctrlKey && !key.altKey && !key.metaKey;
  if (plain && key.key === 'Escape' && !state.held) {
    return { state: { escapedAt: now, held: idle }, act: idle ? 'hold' : 'pass' };
  }
  const leaves = plain && key.key === 'Tab' && state.escapedAt !== null && now - state.escapedAt < WITHIN_MS;
  if (leaves) return { state: STAYING, act: 'leave' };
  return { state: STAYING, act: state.held ? 'release' : 'pass' };
}
