/** A terminal that is busy: the sentence, and which other one is free. Pure. */
import type { TerminalInfo } from '../../../../sandbox-server/contract/terminal.ts';
import { say } from '../words/steps.ts';

export interface Busy {
  readonly terminal: string;
  readonly command: string;
}

/** Reads the details of a `busy` refusal. */
export function busyOf(details: Readonly<Record<string, unknown>>): Busy {
  const { terminal, command } = details;
  return {
    terminal: typeof terminal === 'string' ? terminal : '1',
    command: typeof command === 'string' ? command : '',
  };
}

/** A terminal's name as people read it: `terminal 1`, `cluster`. */
export function terminalTitle(name: string): string {
  return /^\d+$/.test(name) ? say('terminal {0}', name) : name;
}

export function busySentence({ terminal, command }: Busy): string {
  const title = terminalTitle(terminal);
  const begun = `${title.charAt(0).toUpperCase()}${title.slice(1)}`;
  return command === '' ? say('{0} is busy.', begun) : say('{0} is busy with', begun);
}

/** What is set in code after `… is busy with`. */
export function busyCommand({ command }: Busy): string {
  const [line = ''] = command.trim().split('\n');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

/** A name for *use another*: the first idle one, else a new number. */
export function anotherTerminal(known: readonly TerminalInfo[], busy: string): string {
  const idle = known.find(
    ({ name, prompt }) => name !== busy && /^\d+$/.test(name) && prompt.state === 'idle',
  );
  return idle?.name ?? newTerminal([...known.map(({ name }) => name), busy]);
}

/** The smallest number that no terminal bears. */
export function newTerminal(names: readonly string[]): string {
  let n = 1;
  while (names.includes(String(n))) n++;
  return String(n);
}
