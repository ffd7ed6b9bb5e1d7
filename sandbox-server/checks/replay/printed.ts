/** What the commands of a block printed, told from their prompts and echo by the shell's own marks. */
import type { AgentLink } from '../../sandboxes/agent-link.ts';
import { plainText, terminalSince } from './terminal-output.ts';

/** @param from the log's offset where the block was typed. @returns plain text; null where the log kept only its end */
export async function printedSince(
  agent: Pick<AgentLink, 'terminalSocket'>,
  terminal: string,
  from: number,
): Promise<string | null> {
  const { text, whole } = await terminalSince(agent, terminal, from);
  return whole ? printedIn(text) : null;
}

/** From a command's begin to the next one's line, or to its end (OSC 133 C and D, 633 E). */
const PRINTED = /\x1b\]133;C;[^\x07\x1b]*(?:\x07|\x1b\\)([\s\S]*?)(?=\x1b\]133;[CD];|\x1b\]633;E;)/g;

/** Pure. */
export function printedIn(stream: string): string {
  const pieces = [...stream.matchAll(PRINTED)].map(([, piece = '']) => plainText(piece).trimEnd());
  return pieces.filter((piece) => piece !== '').join('\n');
}
