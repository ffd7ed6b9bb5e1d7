/** The terminals that this tab has open, so that a step's *stop it* can press Ctrl-C in one of them. */
import type { Work } from '../work.ts';
import type { XtermScreen } from './screen.ts';
import type { Session } from './session.ts';

export interface OpenTerminal {
  readonly screen: XtermScreen;
  readonly session: Session;
}
const open = new WeakMap<Work, Map<string, OpenTerminal>>();

export function rememberTerminal(work: Work, name: string, terminal: OpenTerminal): void {
  const mine = open.get(work) ?? new Map<string, OpenTerminal>();
  open.set(work, mine.set(name, terminal));
}
export function forgetTerminal(work: Work, name: string): void {
  open.get(work)?.delete(name);
}
export function openTerminal(work: Work, name: string): OpenTerminal | undefined {
  return open.get(work)?.get(name);
}
/** Their connections are dead without having said so: each goes on from its byte over a new one. */
export function dialTerminals(work: Work): void {
  for (const { session } of open.get(work)?.values() ?? []) if (session.link.at === 'live') session.dial();
}
