/** A learner's first lab in a real Chromium against the real server: by clicking, by typing, through crashes. */
import AxeBuilder from '@axe-core/playwright';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../world/server.ts';
import { openBrowser } from '../world/browser.ts';
import { faultsIn } from './axe.ts';
import { FIRST_LAB, FIRST_LESSON } from './first-lab.ts';
import { enter, labPage, type LabPage } from './lab-page.ts';

const PATIENCE = { timeout: 60_000, interval: 100 } as const;
let world: World;
/** closed in the other order, whatever of it came up */
const opened = new AsyncDisposableStack();
let context: BrowserContext;
let lab: LabPage;

beforeAll(async () => {
  world = opened.use(await openWorld({ warm: { base: 1 } }));
  const browser = opened.adopt(await openBrowser(), (b) => b.close());
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  lab = await labPage(context);
});
afterAll(() => opened.disposeAsync());

describe('a first lab', () => {
  it('signs in, and the same page opens as a workspace by itself', async () => {
    await enter(lab, world.url, FIRST_LESSON, 'noether');
    expect(await lab.terminal()).toContain('noether@lab');
    expect(await lab.page.locator('[data-blank="user"]').first().innerText()).toBe('noether');
  });

  it('loads Monaco only when the first file is opened', async () => {
    const loaded = await lab.page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => name),
    );
    expect(loaded.filter((name) => name.includes('monaco'))).toEqual([]);
    expect(loaded.some((name) => name.includes('/open.'))).toBe(true);
  });

  it.each(FIRST_LAB)('%s', (_, act) => act(lab, 'noether'));
});

describe('cut off', () => {
  it('kill -9 in the middle: the banner says what happens, and nothing is missing when the server is back', async () => {
    await lab.page.getByRole('tab', { name: /terminal 1/ }).click();
    await lab.type(
      'clear; echo "shell $$"; for i in $(seq 60); do printf "<%s>" $i; sleep 0.1; done; echo "<end>"\r',
    );
    await expect.poll(() => lab.terminal(), PATIENCE).toContain('<10>');
    const shell = /shell (\d+)/.exec(await lab.terminal())?.[1];
    await world.kill();
    await lab.says(
      'Your program runs on in the sandbox and the text here stays. Keys typed now are not sent.',
    );
    expect(await lab.terminal()).toContain('<5>');
    await lab.type('lost');
    await world.restart();
    await expect.poll(() => lab.terminal(), PATIENCE).toContain('<end>');
    const text = await lab.terminal();
    const counted = [...text.matchAll(/<(\d+)>/g)].map(([, n]) => Number(n));
    expect(counted).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(text).not.toContain('lost');
    await lab.type('echo "still $$"\r');
    await expect.poll(() => lab.terminal(), PATIENCE).toContain(`still ${shell ?? '?'}`);
    await expect.poll(() => lab.status(), PATIENCE).toContain('● connected');
  });

  it('a reload finds the same shell again', async () => {
    await lab.type('clear; x=remembered\r');
    await lab.page.goto(`${world.url}/courses/${FIRST_LESSON}/`);
    await lab.ready();
    await lab.type('echo "it is $x"\r');
    await expect.poll(() => lab.terminal(), PATIENCE).toContain('it is remembered');
    expect(await lab.terminal()).not.toContain('1;2c');
    await lab.step('run-a-command').is('done');
  });
});

describe('the editor and a second tab', () => {
  it('T35 two tabs never overwrite each other silently', async () => {
    const other = await labPage(context);
    await other.page.goto(`${world.url}/courses/${FIRST_LESSON}/`);
    await other.ready();
    for (const tab of [lab, other]) {
      await tab.page.getByRole('treeitem', { name: 'hello.txt' }).click();
      await tab.page.locator('.monaco-editor .view-line').first().waitFor();
    }
    await write(lab, 'mine ');
    await write(other, 'theirs ');
    await other.page.keyboard.press('Control+s');
    await expect.poll(() => other.status(), PATIENCE).toContain('all saved');
    await lab.says('Another tab or a program saved this file meanwhile');
    await lab.page.keyboard.press('Control+s');
    await lab.page.getByRole('button', { name: 'Compare' }).click();
    await lab.page.locator('.lab-compare .monaco-diff-editor').waitFor();
    await lab.page.getByRole('button', { name: 'Keep mine' }).click();
    await expect.poll(() => lab.status(), PATIENCE).toContain('all saved');
    await expect
      .poll(() => other.page.locator('.monaco-editor .view-lines').first().innerText(), PATIENCE)
      .toContain('mine');
    await other.page.close();
  });

  it('a draft survives a closed tab and is offered', async () => {
    await write(lab, 'unsaved ');
    await expect.poll(() => lab.status(), PATIENCE).toContain('hello.txt not saved');
    // the draft is kept a moment after the last key
    await lab.page.waitForTimeout(1000);
    await lab.page.close();
    lab = await labPage(context);
    await lab.page.goto(`${world.url}/courses/${FIRST_LESSON}/`);
    await lab.ready();
    await lab.page.getByRole('treeitem', { name: 'hello.txt' }).click();
    await lab.says('Text that was not saved');
    await lab.page.getByRole('button', { name: 'Bring it back' }).click();
    await expect
      .poll(() => lab.page.locator('.monaco-editor .view-lines').first().innerText(), PATIENCE)
      .toContain('unsaved');
    await lab.page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect.poll(() => lab.status(), PATIENCE).toContain('all saved');
  });

  it('a file that is not text is explained', async () => {
    await lab.type('head -c 2000 /dev/urandom > noise.bin; printf "\\0" >> noise.bin\r');
    await lab.page.getByRole('treeitem', { name: 'noise.bin' }).click();
    await lab.says('This file is not text');
    expect(await lab.page.getByRole('link', { name: 'Download noise.bin' }).count()).toBe(1);
  });
});

describe('by keyboard and for everybody', () => {
  it('Esc, then Tab, leaves the terminal; Tab alone completes', async () => {
    await lab.type('clear; echo readi');
    await lab.page.keyboard.press('Tab');
    await expect.poll(() => lab.terminal(), PATIENCE).toContain('readings.txt');
    await lab.page.keyboard.press('Control+c');
    await lab.page.keyboard.press('Escape');
    await lab.page.keyboard.press('Tab');
    const focused = await lab.page.evaluate(() => document.activeElement?.closest('.xterm') === null);
    expect(focused).toBe(true);
  });

  it('the divider moves by keys and is remembered', async () => {
    const divider = lab.page.getByRole('separator', { name: 'Width of the text' });
    await divider.focus();
    await lab.page.keyboard.press('ArrowRight');
    await expect.poll(() => divider.getAttribute('aria-valuenow'), PATIENCE).toBe('48');
    await expect
      .poll(() => lab.page.evaluate(() => localStorage.getItem('palestra.text')), PATIENCE)
      .toBe('48');
    await lab.page.keyboard.press('ArrowLeft');
  });

  it.each([
    [1440, 'light'],
    [1440, 'dark'],
    // the narrow layout has the same colours
    [390, 'light'],
  ] as const)('axe finds nothing at %i px, %s', async (width, theme) => {
    await lab.page.setViewportSize({ width, height: 900 });
    await lab.page.evaluate((to) => (document.documentElement.dataset['theme'] = to), theme);
    for (const part of width === 390 ? ['Lesson', 'Editor', 'Terminal'] : [null]) {
      if (part !== null) await lab.page.getByRole('button', { name: part, exact: true }).click();
      expect(await faultsIn(new AxeBuilder({ page: lab.page }).exclude('.monaco-editor'))).toEqual([]);
    }
    await lab.page.setViewportSize({ width: 1440, height: 900 });
  });

  it('T61 T62 T63 what a program writes cannot read the clipboard, title or settings, nor open a script', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: world.url });
    await lab.page.evaluate(() => navigator.clipboard.writeText('secret'));
    await lab.type(
      'clear; printf "\\033]52;c;?\\007\\033P\\$qm\\033\\\\\\033[21t\\033]2;evil\\007\\033]52;c;%s\\007" "$(printf poison | base64)"; echo; echo done\r',
    );
    await lab.says('Copy to your clipboard?');
    expect(await lab.page.title()).not.toContain('evil');
    await lab.answer('Do not copy');
    expect(await lab.page.evaluate(() => navigator.clipboard.readText())).toBe('secret');
    await lab.type('echo after\r');
    await expect.poll(() => lab.terminal(), PATIENCE).toMatch(/echo after/);
    expect(await lab.terminal()).not.toMatch(/c2VjcmV0|\$r|\]l/);
  });
});

describe('pause and end', () => {
  it('pause keeps the files, resume goes on', async () => {
    await lab.page.getByRole('button', { name: 'pause' }).click();
    await lab.says('Your files and your progress are kept');
    await lab.answer('Pause');
    await lab.page.getByRole('button', { name: 'Resume' }).click();
    await lab.ready();
    await lab.type('cat average.txt; ls hello.txt\r');
    await expect.poll(() => lab.terminal(), PATIENCE).toMatch(/\d+\s*hello\.txt/);
  });

  it('end asks, says what stays, and progress stays', async () => {
    await lab.page.getByRole('button', { name: 'end…' }).click();
    await lab.says('Your progress stays');
    await lab.answer('Keep it');
    await lab.page.getByRole('button', { name: 'end…' }).click();
    await lab.answer('End and delete the files');
    await lab.page.getByRole('button', { name: 'Start a new one' }).click();
    await lab.ready();
    await lab.step('run-a-command').is('done');
    expect(lab.errors).toEqual([]);
  });
});

/** Types at the beginning of the open file. */
async function write(tab: LabPage, text: string): Promise<void> {
  await tab.page.bringToFront();
  await tab.page.locator('.monaco-editor .view-line').first().click();
  await tab.page.keyboard.press('Control+Home');
  await tab.page.keyboard.type(text);
}
