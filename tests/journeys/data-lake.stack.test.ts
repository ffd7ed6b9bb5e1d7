/**
 * Somebody's first day in the lake, in a real Chromium on the real stack: upload a file, ask for a second copy, watch
 * it turn OK in the *Data* tab, read it from the other element. A lake of its own (other ports, its own state, the
 * installed environments shared), started by the first *Start*. Part of `npm run test:stack`.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import AxeBuilder from '@axe-core/playwright';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../infra/data-lake/ask.ts';
import { findLake } from '../../infra/data-lake/find-place.ts';
import { secondNameOf } from '../../infra/data-lake/issuer/rights.ts';
import type { LakePlace } from '../../infra/data-lake/place.ts';
import { createProvider } from '../../sandbox-server/identity/index.ts';
import { silentLog } from '../../sandbox-server/telemetry/index.ts';
import { openBrowser } from '../world/browser.ts';
import { openWorld, type World } from '../world/server.ts';
import { faultsIn } from './axe.ts';
import { enter, labPage, type LabPage } from './lab-page.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** below those that the system lends to whoever connects (32768 and up): one of them would keep a server from its own */
const PORT = 30_440;
const SHARED = join(ROOT, '.palestra/lake');
const LESSON = 'data-lake/2-upload';
const USER = 'curie';
const DID = `user.${USER}:run-1.dat`;
/** where nothing is installed, Start first does it: minutes */
const COLD = { timeout: 280_000, interval: 500 } as const;
const PATIENCE = { timeout: 90_000, interval: 100 } as const;
const lacks =
  process.getuid?.() === 0 ? null : 'the data lake needs root: it keeps its servers apart by users';
if (lacks !== null && process.env['CI'] === 'true') throw new Error(lacks);
if (lacks !== null) console.warn(`skipped: ${lacks}`);

let world: World;
let place: LakePlace;
let context: BrowserContext;
let lab: LabPage;
/** closed in the other order, whatever of it came up */
const opened = new AsyncDisposableStack();
const pictures = process.env['PALESTRA_PICTURES'];

describe.skipIf(lacks !== null)('a first day in the lake', () => {
  beforeAll(async () => {
    Object.assign(process.env, { PALESTRA_LAKE_PORT: String(PORT), PALESTRA_LAKE_SHARED: SHARED });
    world = opened.use(await openWorld({ warm: {} }));
    place = await findLake({ state: world.state, port: PORT, shared: SHARED });
    opened.defer(lakeDown);
    const browser = opened.adopt(await openBrowser(), (b) => b.close());
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    lab = await labPage(context);
  });
  afterAll(() => opened.disposeAsync(), 120_000);

  it('Start brings the lake up and says so, and the lesson opens', { timeout: 600_000 }, async () => {
    const stages = seenWhile(lab, '.lab-stages');
    await enter(lab, world.url, LESSON, USER, COLD);
    expect((await stages()).join('\n')).toMatch(/Rucio/);
  });

  it('the Data tab begins with what to do, and the three elements', async () => {
    await tab('Data').click();
    await says(/Nothing here yet/);
    await says(`rucio upload --rse CNAF_USERDISK --scope user.${USER} FILE`);
    await expect
      .poll(mapWords, PATIENCE)
      .toBe('All your files. CNAF: 0 files; NAPOLI: 0 files; ARCHIVE: 0 files.');
    await says(/0 of 50 MB/);
    await picture('empty');
  });

  it('the kit’s settings name the usual port; here they are for the lake beside it', async () => {
    await run(
      `sed 's/:31447/:${String(PORT + 7)}/; s/:31443/:${String(PORT + 3)}/' "$RUCIO_CONFIG" > lake.cfg`,
    );
    await run('export RUCIO_CONFIG=$HOME/lake.cfg; rucio whoami');
  });

  it('an uploaded file appears by itself, with the rule that keeps it', async () => {
    await run(`rucio upload --rse CNAF_USERDISK --scope user.${USER} upload/run-1.dat`);
    await expect.poll(() => fileRow('run-1.dat'), PATIENCE).toEqual(['copy', 'none', 'none']);
    await expect.poll(() => rule('CNAF_USERDISK'), PATIENCE).toMatch(/OK.*run-1\.dat.*1 OK.*never ends/s);
    await expect.poll(mapWords, PATIENCE).toContain('CNAF: 1 file;');
  });

  it('a second copy is seen replicating, then OK, soon after Rucio has it', async () => {
    await run(`rucio rule add --copies 1 --rses NAPOLI_USERDISK --lifetime 86400 ${DID}`);
    const [shown, known] = await Promise.all([
      shownStates('NAPOLI_USERDISK'),
      rucioSaysOk('NAPOLI_USERDISK'),
    ]);
    expect(shown.map(({ word }) => word)).toEqual(['replicating', 'OK']);
    const late = (shown.at(-1)?.at ?? Infinity) - known;
    console.info(`the Data tab showed OK ${String(late)} ms after Rucio had it (goal: 2000)`);
    // a shared machine: the figure is the bench's
    expect(late).toBeLessThan(20_000);
    await expect.poll(() => rule('NAPOLI_USERDISK'), PATIENCE).toMatch(/1 OK.*ends in 23 hours/s);
    await expect.poll(() => fileRow('run-1.dat'), PATIENCE).toEqual(['copy', 'copy', 'none']);
  });

  it('its name shows its copies in the picture, by mouse and by keyboard', async () => {
    const name = panel().getByRole('button', { name: 'run-1.dat' });
    await name.focus();
    await lab.page.keyboard.press('Enter');
    expect(await name.getAttribute('aria-pressed')).toBe('true');
    await expect.poll(mapWords, PATIENCE).toBe('run-1.dat. CNAF: copy; NAPOLI: copy.');
    await picture('chosen');
    await panel().getByRole('button', { name: 'show all' }).click();
    await expect.poll(mapWords, PATIENCE).toMatch(/^All your files\. CNAF: 1 file; NAPOLI: 1 file/);
  });

  it('and the file is read from the other element, bit by bit the same', async () => {
    await run(`rucio download --rses NAPOLI_USERDISK --dir back ${DID}`);
    await run(`cmp upload/run-1.dat back/user.${USER}/run-1.dat && echo the-same-$((40+2))`);
    await expect.poll(() => lab.terminal(), PATIENCE).toContain('the-same-42');
  });

  it('a dataset shows how many of its files are where', async () => {
    await run(`rucio did add --type dataset user.${USER}:lab.v1`);
    await run(`rucio did content add --to-did user.${USER}:lab.v1 ${DID}`);
    await says(/dataset, 1 file/);
    await expect.poll(() => fileRow('lab.v1'), PATIENCE).toEqual(['1 of 1 files', '1 of 1 files', 'none']);
  });

  it('has no mistake that axe finds, light and dark', async () => {
    for (const theme of ['light', 'dark']) {
      await lab.page.evaluate((to) => (document.documentElement.dataset['theme'] = to), theme);
      expect(await faultsIn(new AxeBuilder({ page: lab.page }).include('#lab-upper-data'))).toEqual([]);
    }
  });

  it('is a part of its own on a narrow screen', async () => {
    await lab.page.setViewportSize({ width: 390, height: 844 });
    await lab.page.getByRole('button', { name: 'Data', exact: true }).click();
    await expect.poll(() => panel().isVisible(), PATIENCE).toBe(true);
    const wide = await panel().evaluate((element) => element.scrollWidth - element.clientWidth);
    expect(wide).toBe(0);
    await lab.page.getByRole('button', { name: 'Editor', exact: true }).click();
    await expect.poll(() => panel().isVisible(), PATIENCE).toBe(false);
    await lab.page.setViewportSize({ width: 1440, height: 900 });
    await tab('Data').click();
  });

  it('nobody else sees it, and nothing asks the lake once nobody looks', async () => {
    const address = await lab.page.evaluate(() => {
      const found = performance
        .getEntriesByType('resource')
        .find(({ name }) => name.endsWith('/data/events'));
      return new URL(found?.name ?? '').pathname;
    });
    const other = await labPage(await context.browser()!.newContext());
    await other.page.goto(`${world.url}/courses/${LESSON}/?start`);
    await other.page.getByLabel('User name').fill('lise');
    await other.page.getByRole('button', { name: 'Register and sign in' }).click();
    await other.page.waitForURL(/2-upload/);
    const theirs = await other.page.evaluate(
      async (paths) => Promise.all(paths.map(async (path) => (await fetch(path)).status)),
      [address, address.replace(/\/events$/, '')],
    );
    expect(theirs).toEqual([404, 404]);
    await other.page.context().close();
    await tab('Editor').click();
    await expect.poll(async () => await questionsIn(4000), PATIENCE).toBe(0);
    await tab('Data').click();
    await says(/run-1\.dat/);
  });

  it('a lake that goes away is said to, what was known stays, and it is back by itself', async () => {
    await command('down');
    await says(/The data lake does not answer/);
    await says(/Below is what it said last\./);
    expect(await fileRow('run-1.dat')).toEqual(['copy', 'copy', 'none']);
    await picture('stale');
    await command('up');
    await expect.poll(async () => panel().locator('.lake-trouble').count(), PATIENCE).toBe(0);
  });

  it('threw nothing in the page', () => {
    expect(lab.errors).toEqual([]);
  });
});

const panel = () => lab.page.locator('#lab-upper-data');
const tab = (name: string) => lab.page.getByRole('tab', { name, exact: true });
const says = (words: string | RegExp) => expect.poll(() => panel().innerText(), PATIENCE).toMatch(words);
const mapWords = () => panel().getByRole('img').first().getAttribute('aria-label');
const rule = (expression: string) =>
  panel().locator('.lake-list li', { hasText: expression }).first().innerText();

/** what stands for each element in a file's row */
async function fileRow(name: string): Promise<string[]> {
  const row = panel().locator('.lake-files tbody tr', { hasText: name });
  return row.locator('td.lake-mark .lab-live').allTextContents();
}

/** types a line and waits for the prompt after it */
async function run(line: string): Promise<void> {
  const mark = `done-${Math.random().toString(36).slice(2)}`;
  await lab.type(`clear; ${line}; echo ${mark.slice(0, 5)}'${mark.slice(5)}'=$?\r`);
  await expect.poll(() => lab.terminal(), PATIENCE).toContain(`${mark}=0`);
}

/** the words of a rule's state as they came, each with the time of this machine, until it is OK */
async function shownStates(expression: string): Promise<{ word: string; at: number }[]> {
  const seen: { word: string; at: number }[] = [];
  const end = Date.now() + PATIENCE.timeout;
  while (seen.at(-1)?.word !== 'OK' && Date.now() < end) {
    const word = await lab.page.evaluate((wanted) => {
      const line = [...document.querySelectorAll('#lab-upper-data .lake-list li')].find((li) =>
        li.textContent.includes(wanted),
      );
      return line?.querySelector('.lab-pill')?.lastChild?.textContent ?? null;
    }, expression);
    if (word !== null && word !== seen.at(-1)?.word) seen.push({ word, at: Date.now() });
    await new Promise((done) => setTimeout(done, 25));
  }
  return seen;
}

/** asks Rucio itself, as the learner may. @returns when it was OK there */
async function rucioSaysOk(expression: string): Promise<number> {
  const provider = await createProvider({
    issuer: `${world.url}/idp`,
    portal: world.url,
    folder: place.idp,
    second: secondNameOf(place),
    log: silentLog(),
  });
  const { token } = await provider.tokenFor(USER, 'rucio', 'openid profile');
  await provider.close();
  const end = Date.now() + PATIENCE.timeout;
  while (Date.now() < end) {
    const { body } = await ask(place, place.rucio, `/accounts/${USER}/rules`, {
      headers: { 'x-rucio-auth-token': token },
    });
    const rules = body
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { rse_expression: string; state: string });
    if (rules.some((one) => one.rse_expression === expression && one.state === 'OK')) return Date.now();
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`Rucio's rule for ${expression} did not become OK`);
}

/** questions about this learner's rules that Rucio's log shows of so many ms */
async function questionsIn(ms: number): Promise<number> {
  const count = async (): Promise<number> => {
    const log = await readFile(join(place.folders.log, 'rucio-requests.jsonl'), 'utf8');
    return log.split(`/accounts/${USER}/rules`).length;
  };
  const before = await count();
  await new Promise((done) => setTimeout(done, ms));
  return (await count()) - before;
}

/** the texts that an element had while something else happened */
function seenWhile(of: LabPage, selector: string): () => Promise<string[]> {
  const seen = new Set<string>();
  let on = true;
  const looking = (async () => {
    while (on) {
      const text = await of.page
        .locator(selector)
        .innerText({ timeout: 200 })
        .catch(() => null);
      if (text !== null) seen.add(text);
      await new Promise((done) => setTimeout(done, 100));
    }
  })();
  return async () => {
    on = false;
    await looking;
    return [...seen];
  };
}

async function command(verb: 'up' | 'down'): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'infra/data-lake/lake.ts'), verb, '--json'], {
    env: { ...process.env, PALESTRA_STATE: world.state },
    maxBuffer: 1e7,
  });
}
async function lakeDown(): Promise<void> {
  await command('down');
}

/** for a person to look at: PALESTRA_PICTURES names the folder */
async function picture(name: string): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, { recursive: true });
  for (const theme of ['dark', 'light']) {
    await lab.page.evaluate((to) => (document.documentElement.dataset['theme'] = to), theme);
    for (const width of [1440, 1024, 390]) {
      await lab.page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      if (width === 390) await lab.page.getByRole('button', { name: 'Data', exact: true }).click();
      await lab.page.waitForTimeout(300);
      await lab.page.screenshot({ path: join(pictures, `${name}-${String(width)}-${theme}.png`) });
    }
  }
  await lab.page.setViewportSize({ width: 1440, height: 900 });
}
