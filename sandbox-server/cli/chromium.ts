/** A Chromium that is on this machine already, to make a PDF of a page. */
import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../contract/errors.ts';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'microsoft-edge',
];
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
/** a course of a hundred pages takes seconds; a crowded machine ten times that */
const TIMEOUT_MS = 300_000;

/** @param env whose PATH is searched. @returns its path; null where there is none */
export async function findChromium(env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const places = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...ELSEWHERE];
  for (const place of places) if (await runs(place)) return place;
  return null;
}

async function runs(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') return false;
    throw error;
  }
}

/** @param url on this machine. @param out absolute. @throws Problem `internal` with the browser's last words */
export async function printPage(chromium: string, url: string, out: string): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'palestra-print-'));
  const args = [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    `--user-data-dir=${profile}`,
    '--no-pdf-header-footer',
    `--print-to-pdf=${out}`,
    // as root it starts in no other way; the page is our own
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    url,
  ];
  try {
    await promisify(execFile)(chromium, args, { timeout: TIMEOUT_MS });
  } catch (cause) {
    const words = cause instanceof Error ? cause.message.slice(-1000) : String(cause);
    throw new Problem('internal', `${chromium} made no PDF: ${words}`, { cause });
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}
