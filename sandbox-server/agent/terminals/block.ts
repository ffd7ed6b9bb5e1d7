/**
 * A block as the commands a shell would read from it, so that it can be typed one after the other and stop at the
 * first that fails. The shell itself says where a command is complete (`bash -n`): heredocs, quotes, loops, `\` at a
 * line's end. What never becomes complete is one last piece, and the shell in the terminal says what is wrong with it.
 */
import { spawn } from 'node:child_process';

/** @param bash the shell of the terminal */
export async function commandsOf(code: string, bash: string): Promise<string[]> {
  const lines = code.replace(/\r\n?/g, '\n').replace(/\s+$/, '').split('\n');
  const commands: string[] = [];
  let piece: string[] = [];
  for (const [i, line] of lines.entries()) {
    piece.push(line);
    if (i === lines.length - 1) break;
    if (isOnlyComment(piece) || endsOpen(line) || !(await isComplete(piece.join('\n'), bash))) continue;
    commands.push(piece.join('\n'));
    piece = [];
  }
  if (piece.some((line) => line.trim() !== '')) commands.push(piece.join('\n'));
  return commands.map((command) => command.replace(/^\s*\n/, ''));
}

function isOnlyComment(piece: readonly string[]): boolean {
  return piece.every((line) => /^\s*(#.*)?$/.test(line));
}

/** An odd number of backslashes at the end: `bash -n` takes the end of file there for the end of the command. */
function endsOpen(line: string): boolean {
  return (/\\*$/.exec(line)?.[0].length ?? 0) % 2 === 1;
}

/** A heredoc without its end is only a warning, so silence is asked for too. */
async function isComplete(piece: string, bash: string): Promise<boolean> {
  const child = spawn(bash, ['--norc', '--noprofile', '-O', 'extglob', '-n'], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
  });
  let said = 0;
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.length));
  child.stdin.on('error', () => undefined); // it may stop reading at the first mistake
  child.stdin.end(piece + '\n');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0 && said === 0));
  });
}
