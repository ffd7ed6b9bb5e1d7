/** A block of code that can be run or written, as the static page describes it. Pure. */
import { say } from '../words/steps.ts';
import { terminalTitle } from './busy.ts';

export interface Fence {
  readonly action: string;
  readonly kind: 'run' | 'edit';
  readonly terminal: string | undefined;
  readonly stop: string | undefined;
  readonly fails: boolean;
  readonly stays: boolean;
  /** for the Python prompt that stands in its terminal, not for the shell */
  readonly python: boolean;
  readonly file: string;
  readonly at: string | undefined;
  readonly figure: HTMLElement;
}

/** @returns null for a block that is only read */
export function readFence(figure: HTMLElement): Fence | null {
  const { action, kind, terminal, stop, fails, stays, in: program, file, at } = figure.dataset;
  if (action === undefined || (kind !== 'run' && kind !== 'edit')) return null;
  return {
    action,
    kind,
    terminal,
    stop,
    fails: fails !== undefined,
    stays: stays !== undefined,
    python: program === 'python',
    file: file ?? '',
    at,
    figure,
  };
}

/** Where a `run` goes, and what is to be expected of it: `terminal 1 · keeps running`. */
export function whereOf({ stop, terminal, python, stays, fails }: Fence): string {
  const name = stop ?? terminal;
  return [
    name === undefined ? say('terminal') : terminalTitle(name),
    python ? say(' · for the Python prompt') : '',
    stays ? say(' · keeps running') : '',
    fails ? say(' · fails on purpose') : '',
  ].join('');
}
