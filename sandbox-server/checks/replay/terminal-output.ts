/** What a terminal showed, as plain text: the end of it beside a failure, all of it where a lesson shows it. */
import { setTimeout as wait } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { AgentLink } from '../../sandboxes/agent-link.ts';
import { clientOn } from '../../sandboxes/link/terminal-client.ts';

const LINES = 20;
/** A replay of a few kilobytes takes milliseconds; a failure is not worth waiting longer. */
const WITHIN = 3000;

export interface Shown {
  /** with every control character */
  readonly text: string;
  /** whether all since the offset is there */
  readonly whole: boolean;
}

/** @param from the log's offset where the command was typed */
export async function terminalSince(
  agent: Pick<AgentLink, 'terminalSocket'>,
  terminal: string,
  from: number,
): Promise<Shown> {
  const client = clientOn(await agent.terminalSocket(terminal, 'read'), { from, mode: 'read' });
  const shown = () => client.welcome !== null && client.offset >= client.welcome.end;
  const until = Date.now() + WITHIN;
  while (!shown() && client.closed === null && Date.now() < until) await wait(20);
  client.cut();
  return { text: client.text, whole: shown() && client.welcome?.start === from };
}

/** The end of what a terminal showed. @param from the log's offset where the command was typed */
export async function outputSince(
  agent: Pick<AgentLink, 'terminalSocket'>,
  terminal: string,
  from: number,
): Promise<string> {
  return lastLines((await terminalSince(agent, terminal, from)).text);
}

export function lastLines(text: string): string {
  return plainText(text).split('\n').slice(-LINES).join('\n').trim();
}

/** A line that was drawn over and over (a progress bar) counts as its last drawing. */
export function plainText(text: string): string {
  const lines = stripVTControlCharacters(text).replace(/\r+\n/g, '\n').split('\n');
  return lines.map((line) => line.split('\r').at(-1)?.trimEnd() ?? '').join('\n');
}
