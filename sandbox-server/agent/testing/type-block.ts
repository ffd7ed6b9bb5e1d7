/** A block typed for a learner, as tests see it end. */
import { plain, type TerminalClient } from '../../sandboxes/link/terminal-client.ts';
import type { StartedAgent } from './start-agent.ts';

/**
 * Types a block and waits until its terminal is idle again.
 * @param block.terminal the one that `client` is attached to
 * @returns what was printed, and each command with its exit status
 */
export async function typeBlock(
  agent: StartedAgent,
  client: TerminalClient,
  block: { terminal: string; code: string; in?: 'python' },
): Promise<{ text: string; commands: [string, number][] }> {
  const before = client.bytes.length;
  const messages = client.messages.length;
  await agent.link.type(block);
  const news = () => client.messages.slice(messages);
  await client.until(
    () =>
      news().some((one) => one.type === 'prompt' && one.prompt.state === 'busy') &&
      client.prompt.state === 'idle',
    'the end of the block',
  );
  return {
    text: plain(client.bytes.subarray(before).toString('utf8')),
    commands: news().flatMap((one): [string, number][] =>
      one.type === 'command' ? [[one.line, one.exit]] : [],
    ),
  };
}
