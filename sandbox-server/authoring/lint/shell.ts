/** Shell that bash refuses: read with `bash -n`, never run. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Problem } from '../../contract/errors.ts';
import type { LessonFence } from '../../catalogue/fences.ts';
import type { Finding } from './finding.ts';
import { fencesOf, finding } from './page.ts';
import type { Page } from './page.ts';

const SHELL: ReadonlySet<string> = new Set(['bash', 'sh']);
const NOT_RUN: ReadonlySet<string> = new Set(['example', 'output', 'edit']);

/** Verbs of a service and examples are no shell that runs. */
function isShell(fence: LessonFence): boolean {
  return SHELL.has(fence.lang) && !NOT_RUN.has(fence.kind) && !('as' in fence && fence.as !== undefined);
}

/**
 * All blocks of all pages in one go: a process of node a block would take 4 s for 200 lessons of six blocks.
 * @throws Problem `unavailable` where there is no bash
 */
export async function shellFindings(pages: readonly Page[]): Promise<Finding[]> {
  const blocks = pages.flatMap(fencesOf).filter(isShell);
  const codes = [...new Set(blocks.map(({ code }) => code))];
  const refused = await refusals(codes);
  return blocks.flatMap((fence) => {
    const found = refused.get(fence.code);
    if (found === undefined) return [];
    const at = { file: fence.place.file, line: fence.place.line + found.line };
    return [
      finding('shell-syntax', at, {
        message: `bash refuses this ${fence.kind}.`,
        expected: 'what bash -n accepts',
        received: found.says,
      }),
    ];
  });
}

interface Refusal {
  /** of the block, from 1 */
  readonly line: number;
  readonly says: string;
}

/** @returns for each code that bash refuses, its first complaint */
export async function refusals(codes: readonly string[]): Promise<Map<string, Refusal>> {
  if (codes.length === 0) return new Map();
  const folder = await mkdtemp(join(tmpdir(), 'palestra-lint-'));
  try {
    const files = codes.map((_, index) => join(folder, `${index}.sh`));
    await Promise.all(files.map((file, index) => writeFile(file, `${NO_EXEC}${codes[index] ?? ''}\n`)));
    return complaints(await readAll(files), codes);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What bash reads from here on it only reads: the line of its own is obeyed before the next is looked at. */
const NO_EXEC = 'set -n\n';
/** A subshell for each file: a fork takes a fifth of what a `bash -n` of its own takes (2,400 blocks: 1.0 s and 4.6 s). */
const READ_EACH = 'for file; do ( . "$file" ); done; exit 0';
/** xargs keeps two of them busy */
const FILES_EACH = '100';

async function readAll(files: readonly string[]): Promise<string> {
  const each = ['bash', '-c', READ_EACH, 'bash'];
  const child = spawn('xargs', ['-0', '-P', '2', '-n', FILES_EACH, ...each], {
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
  child.stdin.end(files.join('\0'));
  const [said, code] = await Promise.all([text(child.stderr), exited]).catch((cause: unknown) => {
    throw new Problem('unavailable', 'Shell cannot be looked at: xargs and bash must be installed.', {
      cause,
    });
  });
  if (code !== 0)
    throw new Problem(
      'unavailable',
      `Shell cannot be looked at: ${said.trim() || `xargs ended with ${code}`}`,
    );
  return said;
}

const COMPLAINT = /\/(\d+)\.sh: (?:-c: )?line (\d+): (.*)$/;

function complaints(said: string, codes: readonly string[]): Map<string, Refusal> {
  const found = new Map<string, Refusal>();
  for (const line of said.split('\n')) {
    const [, index, at, says = ''] = COMPLAINT.exec(line) ?? [];
    const code = codes[Number(index)];
    // a warning (a here-document that ends with the file) is a refusal too: the block would swallow its end
    if (code !== undefined && !found.has(code)) found.set(code, { line: Number(at) - 1, says });
  }
  return found;
}
