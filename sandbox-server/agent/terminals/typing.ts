/**
 * Types a block into a shell as the learner would: only at an idle prompt, command after command, no further than the
 * first that fails. Between two of its commands the terminal counts as busy.
 */
import type { PromptState } from '../../contract/terminal.ts';
import { Refusal } from '../refusal.ts';
import { commandsOf } from './block.ts';
import { statementsOf } from './python-block.ts';
import { replOf, type Terminal } from './terminal.ts';
import type { Terminals } from './terminals.ts';

const FIRST_PROMPT = 10_000;
const NEW_PROMPT = 6000;
const STOP_WITHIN = 10_000;
const PRESS_EVERY = 700;
const MOST_FREE = 16;

/** What reads a block to the end of its first command. */
export interface Readers {
  readonly shell: string;
  /** PATH, for `python3` */
  readonly path: string;
}
export interface Block {
  readonly code: string;
  /** absent: a free one */
  readonly terminal?: string | undefined;
  /** whose prompt it is for; absent: the shell's */
  readonly repl?: 'python' | undefined;
}

/** @returns where it was typed and the log's offset before it. @throws Refusal `busy` with details { terminal, command } */
export async function typeBlock(
  terminals: Terminals,
  { shell, path }: Readers,
  { code, terminal: name, repl }: Block,
): Promise<{ terminal: string; offset: number }> {
  const [first, ...rest] =
    repl === undefined ? await commandsOf(code, shell) : await statementsOf(code, path);
  if (first === undefined) throw new Refusal('bad-request', 'There is nothing to type.');
  const terminal = name === undefined ? freeTerminal(terminals, repl) : terminals.open(name);
  await idle(terminal, repl);
  const offset = terminal.log.end;
  terminal.setBlock(shown(first));
  void typeAll(terminal, [first, ...rest], repl);
  return { terminal: terminal.name, offset };
}

function freeTerminal(terminals: Terminals, repl: Block['repl']): Terminal {
  for (let n = 1; n <= MOST_FREE; n += 1) {
    const terminal = terminals.get(String(n));
    if (terminal === undefined) return terminals.open(String(n));
    const { state } = terminal.prompt;
    if ((state === 'idle' || state === 'exited') && replOf(terminal.prompt) === repl) return terminal;
  }
  throw new Refusal('limit', 'Every terminal is busy. Stop a program or close a terminal first.');
}

/** Wait for a shell that was just started; clear a half-typed line; refuse everything else. */
async function idle(terminal: Terminal, repl: Block['repl']): Promise<void> {
  if (!terminal.running) terminal.start();
  if (terminal.prompt.state === 'unknown') await terminal.nextPrompt(FIRST_PROMPT);
  if (terminal.typed === 'line') await terminal.nextPrompt(200); // Enter was pressed a moment ago: what does the shell make of it?
  if (terminal.prompt.state !== 'idle') throw busy(terminal.name, terminal.prompt);
  if (replOf(terminal.prompt) !== repl) throw otherPrompt(terminal.name, repl);
  // Python's prompt says nothing when a statement begins: Ctrl-C would end one that a learner typed
  if (repl !== undefined && terminal.typed === 'line')
    throw busy(terminal.name, { state: 'busy', command: 'a statement', since: 0 });
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

function otherPrompt(terminal: string, wanted: Block['repl']): Refusal {
  return wanted === undefined
    ? new Refusal(
        'busy',
        `A Python prompt stands in terminal ${terminal}. Leave it with exit(), or use another terminal.`,
        { details: { terminal, command: 'python3' } },
      )
    : new Refusal('conflict', `No Python prompt stands in terminal ${terminal}. Start python3 there first.`);
}

async function typeAll(terminal: Terminal, commands: readonly string[], repl: Block['repl']): Promise<void> {
  for (const command of commands) {
    terminal.takeCommands();
    terminal.setBlock(shown(command));
    const prompt = terminal.nextPrompt();
    terminal.write(repl === undefined ? asPaste(command, terminal.paste) : asLines(command));
    await prompt;
    if (terminal.block === null || terminal.takeCommands().some(({ exit }) => exit !== 0)) break;
    // what comes next is for the prompt that the block began at
    if (terminal.repl !== repl) break;
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

/** Python's prompt takes a statement line by line. */
function asLines(statement: string): string {
  return `${statement.replaceAll('\x1b', '').replaceAll('\n', '\r')}\r`;
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
  // Ctrl-C does not end Python at its prompt
  if (terminal.repl !== undefined) {
    const prompt = terminal.nextPrompt(STOP_WITHIN);
    terminal.setBlock(null);
    terminal.write('\x04');
    await prompt;
  }
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
