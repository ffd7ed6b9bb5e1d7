/** Commands in a learner's own terminal, as they would type them. */
import { newId } from '../../../sandbox-server/sandboxes/ids.ts';
import type { TerminalClient } from '../../../sandbox-server/sandboxes/link/terminal-client.ts';
import { ours } from '../../bench/terminals.ts';
import type { Learner } from '../../world/learner.ts';

export interface Shell extends Disposable {
  /** @returns what the line printed, and its exit status at the end as `(0)` */
  run(line: string, ms?: number): Promise<string>;
}

export async function shell(url: string, learner: Learner, lab: string): Promise<Shell> {
  const size = { cols: 400, rows: 50 };
  const terminal = await ours(url, learner, lab, '1', { size });
  return {
    run: (line, ms = 60_000) => runIn(terminal, line, ms),
    [Symbol.dispose]: () => terminal.socket.terminate(),
  };
}

async function runIn(terminal: TerminalClient, line: string, ms: number): Promise<string> {
  const word = newId();
  terminal.forget();
  // what is typed is echoed with its quotes: the words alone are printed by the command
  terminal.type(` echo ${word.slice(0, 10)}""${word.slice(10)}; ${line}; echo "($?)"${word}""\n`);
  const said = new RegExp(`${word}\\n([^]*\\(\\d+\\))${word}\\n`);
  await terminal.until(() => said.test(terminal.plain), `the end of ${line}`, ms);
  return said.exec(terminal.plain)?.[1] ?? '';
}
