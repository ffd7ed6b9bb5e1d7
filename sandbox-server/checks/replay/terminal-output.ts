/** The end of what a terminal shows, as plain text: what an author sees beside a failure. */
import { setTimeout as wait } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { AgentLink } from '../../sandboxes/agent-link.ts';
import { clientOn } from '../../sandboxes/link/terminal-client.ts';

const LINES = 20;
/** A replay of a few kilobytes takes milliseconds; a failure is not worth waiting longer. */
const WITHIN = 3000;

/** @param from the log's offset where the command was typed */
export async function outputSince(
  agent: Pick<AgentLink, 'terminalSocket'>,
  terminal: string,
  from: number,
): Promise<string> {
  const client = clientOn(await agent.terminalSocket(terminal, 'read'), { from, mode: 'read' });
  const shown = () => client.welcome !== null && client.offset >= client.welcome.end;
  const until = Date.now() + WITHIN;
  while (!shown() && client.closed === null && Date.now() < until) await wait(20);
  client.cut();
  return lastLines(client.text);
}

/** A line that was drawn over and over (a progress bar) counts as its last drawing. */
export function lastLines(text: string): string {
  const lines = stripVTControlCharacters(text).replaceAll('\r\n', '\n').split('\n');
  return lines
    .map((line) => line.split('\r').at(-1)?.trimEnd() ?? '')
    .slice(-LINES)
    .join('\n')
    .trim();
}
