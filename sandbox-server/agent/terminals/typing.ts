/**
 * Types a block into a shell as the learner would: only at an idle prompt, command after command, no further than the
 * first that fails. Between two of its commands the terminal counts as busy.
 */
import type { PromptState } from '../../contract/terminal.ts';
import { Refusal } from '../refusal.ts';
import { commandsOf } from './block.ts';
import type { Terminal } from './terminal.ts';
import type { Terminals } from './terminals.ts';

const FIRST_PROMPT = 10_000;
const NEW_PROMPT = 6000;
const STOP_WITHIN = 10_000;
const PRESS_EVERY = 700;
const MOST_FREE = 16;

/** @returns where it was typed and the log's offset before it. @throws Refusal `busy` with details { terminal, command } */
export async function typeBlock(
  terminals: Terminals,
  bash: string,
  code: string,
  name?: string,
): Promise<{ terminal: string; offset: number }> {
  const [first, ...rest] = await commandsOf(code, bash);
  if (first === undefined) throw new Refusal('bad-request', 'There is nothing to type.');
  const terminal = name === undefined ? freeTerminal(terminals) : terminals.open(name);
  await idle(terminal);
  const offset = terminal.log.end;
  terminal.setBlock(shown(first));
  void typeAll(terminal, [first, ...rest]);
  return { terminal: terminal.name, offset };
}

function freeTerminal(terminals: Terminals): Terminal {
  for (let n = 1; n <= MOST_FREE; n += 1) {
    const terminal = terminals.get(String(n));
    if (terminal === undefined) return terminals.open(String(n));
    const { state } = terminal.prompt;
    if (state === 'idle' || state === 'exited') return terminal;
  }
  throw new Refusal('limit', 'Every terminal is busy. Stop a program or close a terminal first.');
}

/** Wait for a shell that was just started; clear a half-typed line; refuse everything else. */
async function idle(terminal: Terminal): Promise<void> {
  if (!terminal.running) terminal.start();
  if (terminal.prompt.state === 'unknown') await terminal.nextPrompt(FIRST_PROMPT);
  if (terminal.typed === 'line') await terminal.nextPrompt(200); // Enter was pressed a moment ago: what does the shell make of it?
  if (terminal.prompt.state !== 'idle') throw busy(terminal.name, terminal.prompt);
  if (terminal.typed === 'nothing') return;
  if (!(await newPrompt(terminal))) throw busy(terminal.name, terminal.prompt);
}

/** Ctrl-C at a prompt does no harm, so it is pressed again where a loaded machine lost or delayed it. */
async function newPrompt(terminal: Terminal): Promise<boolean> {
  const until = Date.now() + NEW_PROMPT;
  for (let came = false; !came;) {
    if (Date.now() > until || terminal.prompt.state !== 'idle') return false;
    const prompt = terminal.nextPrompt(PRESS_EVERY);
    terminal.write('\x03');
    came = await prompt;
  }
  return terminal.prompt.state === 'idle';
}

function busy(terminal: string, prompt: PromptState): Refusal {
  const command = prompt.state === 'busy' ? prompt.command : '';
  const what = command === '' ? 'with something else' : `with \`${command}\``;
  return new Refusal('busy', `Terminal ${terminal} is busy ${what}. Stop it or use another terminal.`, {
    details: { terminal, command },
  });
}

async function typeAll(terminal: Terminal, commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    terminal.takeCommands();
    terminal.setBlock(shown(command));
    const prompt = terminal.nextPrompt();
    terminal.write(asPaste(command, terminal.paste));
    await prompt;
    if (terminal.block === null || terminal.takeCommands().some(({ exit }) => exit !== 0)) break;
  }
  terminal.setBlock(null);
}

/** One line needs no paste; several are one paste where the line editor takes it, and then Enter. */
export function asPaste(command: string, bracketed: boolean): string {
  const harmless = command.replaceAll('\x1b', '');
  if (!bracketed) return harmless + '\r';
  return harmless.includes('\n') || harmless.includes('\t')
    ? `\x1b[200~${harmless}\x1b[201~\r`
    : harmless + '\r';
}

function isBusy({ prompt }: Terminal): boolean {
  return prompt.state === 'busy' || prompt.state === 'unknown';
}

function shown(command: string): string {
  return command.slice(0, 300);
}

/** Ctrl-C until the prompt is idle. @throws Refusal `timeout` after 10 s */
export async function stopProgram(terminal: Terminal): Promise<void> {
  const until = Date.now() + STOP_WITHIN;
  // asked before the block is given up: its first line may be on its way and the shell not busy with it yet
  for (let busy = isBusy(terminal); busy; busy = isBusy(terminal)) {
    terminal.setBlock(null);
    if (Date.now() > until)
      throw new Refusal('timeout', `The program in terminal ${terminal.name} does not stop at Ctrl-C.`);
    const prompt = terminal.nextPrompt(PRESS_EVERY);
    terminal.write('\x03');
    await prompt;
  }
}
