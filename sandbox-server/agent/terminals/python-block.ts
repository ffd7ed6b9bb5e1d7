/**
 * A block of Python as the statements that its interactive prompt reads, so that it can be typed one after the other and
 * stop at the first that raises. Python itself says where a statement ends. What it cannot read is one last piece, and
 * the prompt in the terminal says what is wrong with it.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { text } from 'node:stream/consumers';

const SPLITTER = fs.readFileSync(new URL('python-statements.py', import.meta.url), 'utf8');

/** @param path PATH of the terminal: its `python3` reads the block. @returns nothing where there is nothing to type */
export async function statementsOf(code: string, path: string): Promise<string[]> {
  const source = code.replace(/\r\n?/g, '\n').replace(/\s+$/, '');
  const found: unknown = JSON.parse(await split(source, path));
  if (Array.isArray(found) && found.every((each) => typeof each === 'string')) return found;
  return [`${source}\n`];
}

/** @returns JSON: the statements, or null where they are none */
async function split(source: string, path: string): Promise<string> {
  const child = spawn('python3', ['-I', '-c', SPLITTER], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: path, LANG: 'C.UTF-8' },
  });
  child.stdin.on('error', () => undefined); // it may end without reading: its exit says so
  child.stdin.end(source);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [said, exit] = await Promise.all([text(child.stdout), ended]);
  return exit === 0 ? said : 'null';
}
