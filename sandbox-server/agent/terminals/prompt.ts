/** What runs at a shell's prompt, from its marks: a pure fold, so that it can be tested without a shell. */
import type { PromptState } from '../../contract/terminal.ts';
import type { Mark } from './marks.ts';

export interface Finished {
  readonly line: string;
  readonly exit: number;
  /** ms since the epoch */
  readonly startedAt: number;
  readonly ms: number;
}
export interface PromptReading {
  readonly prompt: PromptState;
  /** the line announced for the command that is about to begin */
  readonly line: string;
  readonly running: { readonly line: string; readonly startedAt: number } | null;
  /** a new prompt is due: the line editor prints the same one again whenever it redraws, which is no news */
  readonly due: boolean;
  /** bracketed paste is on: the line editor takes several lines as one */
  readonly paste: boolean;
  /** a full-screen program is drawn */
  readonly screen: boolean;
}

export const NEW_SHELL: PromptReading = {
  prompt: { state: 'unknown' },
  line: '',
  running: null,
  due: true,
  paste: false,
  screen: false,
};
const LONGEST_LINE = 4096;
const LONGEST_SHOWN = 300;

/** @returns the new reading, and the command that ended with this mark if one did */
export function readMark(
  before: PromptReading,
  mark: Mark,
  now: number,
): { reading: PromptReading; finished: Finished | null } {
  switch (mark.type) {
    case 'line':
      return { reading: { ...before, line: mark.line.slice(0, LONGEST_LINE) }, finished: null };
    case 'begin':
      return { reading: begun(before, now), finished: ended(before, mark.status, now) };
    case 'end':
      return {
        reading: { ...before, running: null, line: '', due: true },
        finished: ended(before, mark.status, now),
      };
    case 'prompt-start':
      return { reading: before, finished: null };
    case 'prompt-end':
      return { reading: prompted(before, mark.repl), finished: null };
    case 'mode':
      return { reading: { ...before, [mark.mode]: mark.on }, finished: null };
  }
}

/** Is this mark a new prompt, rather than one drawn again? To be asked before the mark is read. */
export function isNewPrompt(before: PromptReading, mark: Mark): boolean {
  return mark.type === 'prompt-end' && before.due;
}

function prompted(before: PromptReading, repl: 'python' | undefined): PromptReading {
  if (!before.due) return before;
  const prompt = { state: 'idle' as const, ...(repl === undefined ? {} : { repl }) };
  return { ...before, running: null, due: false, screen: false, prompt };
}

function begun(before: PromptReading, now: number): PromptReading {
  const running = { line: before.line, startedAt: now };
  return {
    ...before,
    running,
    line: '',
    due: true,
    prompt: { state: 'busy', command: shown(before.line), since: now },
  };
}

function ended(before: PromptReading, exit: number, now: number): Finished | null {
  const { running } = before;
  return running === null ? null : { ...running, exit, ms: Math.max(0, now - running.startedAt) };
}

function shown(line: string): string {
  return line.length <= LONGEST_SHOWN ? line : line.slice(0, LONGEST_SHOWN - 1) + '…';
}
