/** From a save in an author's editor to the new text on the open page, in a real browser beside `palestra dev`. */
import { performance } from 'node:perf_hooks';
import type { Page } from 'playwright-core';
import { authorsCopy, type AuthorsCopy } from '../world/authors-copy.ts';
import { openBrowser } from '../world/browser.ts';
import { openWorld } from '../world/server.ts';

const LESSON = 'dask/2-graph';
const FILE = `courses/${LESSON}/lesson.md`;
/** the first renders a thread that has just begun, as the first save of a morning does */
const SAVES_A_ROUND = 5;

/** @returns seconds of each save */
export async function savesToPage(rounds: number, say: (line: string) => void): Promise<number[]> {
  await using copy = await authorsCopy();
  await using world = await openWorld({ warm: {} }, { root: copy.root, verb: 'dev', flags: ['--no-build'] });
  await using browser = await openBrowser();
  const page = await browser.newPage();
  await page.goto(`${world.url}/courses/${LESSON}/`);
  // the page follows from now on
  await page.locator('aside.author').waitFor({ state: 'attached' });
  const original = await copy.read(FILE);
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const mine: number[] = [];
    for (let save = 0; save < SAVES_A_ROUND; save += 1)
      mine.push(await secondsToPage(copy, page, original, `Saved ${String(round)}.${String(save)}.`));
    say(`round ${String(round + 1)}: saves on the page after ${mine.map((s) => s.toFixed(2)).join(', ')} s`);
    seconds.push(...mine);
  }
  return seconds;
}

/** A new paragraph before the first step. */
async function secondsToPage(copy: AuthorsCopy, page: Page, text: string, words: string): Promise<number> {
  const began = performance.now();
  await copy.save(FILE, text.replace(/^## /m, `${words}\n\n## `));
  await page.getByText(words).waitFor();
  return (performance.now() - began) / 1000;
}
