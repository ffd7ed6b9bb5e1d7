/** Esc, then Tab, leaves the terminal (WCAG 2.1.2): the Tab after a lone Esc is the page's, every other is the program's. */

const WITHIN_MS = 3000;

export interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}
export type Leaving = { readonly escapedAt: number | null };
export const STAYING: Leaving = { escapedAt: null };

/** @param now ms. @returns the next state, and whether this key leaves */
export function onKey(state: Leaving, key: Key, now: number): { state: Leaving; leaves: boolean } {
  const plain = !key.ctrlKey && !key.altKey && !key.metaKey;
  if (plain && key.key === 'Escape') return { state: { escapedAt: now }, leaves: false };
  // Shift is pressed before Shift+Tab and must not undo the Esc
  if (key.key === 'Shift') return { state, leaves: false };
  const leaves = plain && key.key === 'Tab' && state.escapedAt !== null && now - state.escapedAt < WITHIN_MS;
  return { state: STAYING, leaves };
}
