import { describe, expect, it } from 'vitest';
import { commandsOf } from './block.ts';
import { asPaste } from './typing.ts';

describe('block', () => {
  it.each<[string, string, string[]]>([
    ['one line', 'ls', ['ls']],
    ['lines', 'cd /tmp\nls\n', ['cd /tmp', 'ls']],
    ['a heredoc', 'cat <<X\n$ not\nX\nls', ['cat <<X\n$ not\nX', 'ls']],
    ['an indented heredoc', 'cat <<-X\n\thello\n\tX\nls', ['cat <<-X\n\thello\n\tX', 'ls']],
    ['a line continued', 'echo a \\\n  b\nls', ['echo a \\\n  b', 'ls']],
    ['operators at the end', 'true &&\n  echo x |\n  cat\nls', ['true &&\n  echo x |\n  cat', 'ls']],
    ['a loop', 'for i in 1 2; do\n  echo $i\ndone\nls', ['for i in 1 2; do\n  echo $i\ndone', 'ls']],
    ['a string over lines', "echo 'a\nb'\nls", ["echo 'a\nb'", 'ls']],
    ['a function', 'f() {\n  echo f\n}\nf', ['f() {\n  echo f\n}', 'f']],
    ['comments with what follows', '# first\n\n# second\nls\n# last', ['# first\n\n# second\nls', '# last']],
    ['extended patterns', 'ls !(x)\nls', ['ls !(x)', 'ls']],
    ['a mistake as one last piece', 'ls\nif true\nls\nls', ['ls', 'if true\nls\nls']],
    ['Windows lines', 'ls\r\npwd\r\n', ['ls', 'pwd']],
    ['blank lines', '\n\nls\n\n\npwd\n\n', ['ls', 'pwd']],
    ['nothing', '\n  \n', []],
  ])('splits %s as the shell would', async (_, code, commands) => {
    expect(await commandsOf(code, '/bin/bash')).toEqual(commands);
  });

  it('looks without running anything', async () => {
    await commandsOf('touch /tmp/palestra-never-$$\necho $(touch /tmp/palestra-never)\nls', '/bin/bash');
    expect((await import('node:fs')).existsSync('/tmp/palestra-never')).toBe(false);
  });

  it('pastes several lines as one, and cannot be led out of the paste', () => {
    expect(asPaste('ls', true)).toBe('ls\r');
    expect(asPaste('a\nb', true)).toBe('\x1b[200~a\nb\x1b[201~\r');
    expect(asPaste('a\nb\x1b[201~rm', true)).toBe('\x1b[200~a\nb[201~rm\x1b[201~\r');
    expect(asPaste('a\nb', false)).toBe('a\nb\r');
  });
});
