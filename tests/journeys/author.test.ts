/** An author with their lesson open: what they save is there at once, and nothing of their lab is lost. */
import AxeBuilder from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorsCopy, type AuthorsCopy } from '../world/authors-copy.ts';
import { openBrowser } from '../world/browser.ts';
import { openWorld, type World } from '../world/server.ts';
import { faultsIn } from './axe.ts';
import { labPage, type LabPage } from './lab-page.ts';

const LESSON = 'first-steps/1-how-a-lab-works';
const FILE = `courses/${LESSON}/lesson.md`;
const PATIENCE = { timeout: 60_000, interval: 100 };
/** the third step of the lesson */
const THIRD = '## Mend a file in the editor';

const opened = new AsyncDisposableStack();
let copy: AuthorsCopy;
let world: World;
let browser: Browser;
let lab: LabPage;
let original: string;

beforeAll(async () => {
  copy = opened.use(await authorsCopy());
  original = await copy.read(FILE);
  world = opened.use(
    await openWorld(
      { groups: { '*': {}, 'icsc/palestra/authors': { roles: ['learner', 'author'] } } },
      {
        root: copy.root,
        verb: 'dev',
        flags: ['--no-build'],
      },
    ),
  );
  browser = opened.use(await openBrowser());
  lab = await labPage(await browser.newContext({ viewport: { width: 1440, height: 900 } }));
}, 600_000);
afterAll(() => opened.disposeAsync());

const bar = () => lab.page.getByRole('complementary', { name: 'For authors' });
const save = (change: (text: string) => string) => copy.save(FILE, change(original));
const type = async (line: string, shows: string) => {
  await lab.type(`${line}\r`);
  await expect.poll(() => lab.terminal(), PATIENCE).toContain(shows);
};
/** how far below the top of the text the third step's heading stands, px */
const placeOfThird = () =>
  lab.page.locator('.lab-text').evaluate((text) => {
    const heading = text.querySelector('#mend-a-file-in-the-editor');
    return Math.round((heading?.getBoundingClientRect().top ?? 0) - text.getBoundingClientRect().top);
  });

const enterAs = async (who: LabPage, name: RegExp) => {
  await who.page.goto(`${world.url}/courses/${LESSON}/?start`);
  await who.page.getByRole('button', { name }).click();
  await who.ready({ timeout: 300_000, interval: 500 });
};

describe('a lesson that is saved while its lab is open', () => {
  it('is open, for an author', () => enterAs(lab, /Emmy Noether/));

  it('shows its new text at the same place, in the same shell', async () => {
    await type('MINE=kept; echo "shell $MINE"', 'shell kept');
    await lab.page.locator('#mend-a-file-in-the-editor').evaluate((heading) => heading.scrollIntoView());
    const stood = await placeOfThird();
    // above the place, in it, and with a blank that the lab knows
    await save((text) =>
      text
        .replace('## Run a command', 'One more line,\n\nand another.\n\n## Run a command')
        .replace(THIRD, `${THIRD}\n\nJust saved for {{user}}.`),
    );
    await lab.says('Just saved for emmy.');
    await lab.says('and another.');
    expect(Math.abs((await placeOfThird()) - stood)).toBeLessThanOrEqual(1);
    await type('echo "again $MINE"', 'again kept');
    await lab.step('mend-a-file-in-the-editor').at.getByRole('button', { name: 'Check now' }).waitFor();
  });

  it('is the text that a page loaded later begins with', async () => {
    await lab.page.reload();
    await lab.ready();
    await lab.says('Just saved for emmy.');
    await type('echo "still $MINE"', 'still kept');
  });

  it('runs a check again that changed: what was done is not, and is again', async () => {
    const step = lab.step('make-a-file-that-a-check-wants');
    await lab.step('run-a-command').press('Run');
    await lab.step('run-a-command').is('done');
    await lab.type('echo "hello from $PALESTRA_USER" > hello.txt\r');
    await step.is('done');
    const check = /```bash check\n/;
    await save((text) => text.replace(check, '```bash check\necho "The author asks for more."; exit 1\n'));
    await step.is('not-done');
    await step.says('The author asks for more.');
    await save((text) => text);
    await step.is('done');
  });

  it('with a mistake is named with file and line, on the page and in the terminal; the last good one stays', async () => {
    await save((text) => text.replace('```bash check', '```bash chekc').replace(THIRD, '## Something else'));
    const alert = bar().getByRole('alert');
    await alert
      .getByText(/first-steps\/1-how-a-lab-works\/lesson\.md:\d+/)
      .first()
      .waitFor();
    expect(await alert.innerText()).toMatch(/Unknown word.*received: chekc/s);
    expect(await lab.page.locator('#mend-a-file-in-the-editor').count()).toBe(1);
    expect(await world.log()).toMatch(
      /courses\/first-steps\/1-how-a-lab-works\/lesson\.md:\d+: Unknown word/,
    );
    await lab.step('make-a-file-that-a-check-wants').is('done');
    await save((text) => text);
    await alert.waitFor({ state: 'hidden' });
  });
});

describe('a guide that is saved while it is tried', () => {
  const GUIDE = 'site/src/content/docs/guides/same-file.md';

  it('shows its new text above the same shell, with no build and no restart', async () => {
    const guide = await labPage(await browser.newContext({ viewport: { width: 1440, height: 900 } }));
    await guide.page.goto(`${world.url}/guides/same-file/?start`);
    await guide.page.getByRole('button', { name: /Emmy Noether/ }).click();
    await guide.ready();
    await guide.type('MINE=kept; echo "shell $MINE"\r');
    await expect.poll(() => guide.terminal(), PATIENCE).toContain('shell kept');
    const text = await copy.read(GUIDE);
    await copy.save(GUIDE, text.replace('## One file', 'Just saved.\n\n## One file'));
    await guide.says('Just saved.');
    await guide.step('one-file').press('Run');
    await expect.poll(() => guide.terminal(), PATIENCE).toMatch(/[0-9a-f]{64} {2}copy\/a\.txt/);
    await guide.type('echo "again $MINE"\r');
    await expect.poll(() => guide.terminal(), PATIENCE).toContain('again kept');
    await copy.save(GUIDE, text.replace('```bash\n', '```bash runs\n'));
    await guide.says(`${GUIDE}:`);
    await copy.save(GUIDE, text);
    expect(await world.log()).not.toContain('uilding the site');
    expect(guide.errors).toEqual([]);
    await guide.page.close();
  });
});

describe("the author's bar", () => {
  const rows = () => bar().getByRole('listitem');

  it('unfolds by the keyboard and shows each step with its check', async () => {
    await bar().getByRole('button', { name: 'Author’s bar' }).focus();
    await lab.page.keyboard.press('Enter');
    await expect.poll(() => rows().count(), PATIENCE).toBe(6);
    await rows().nth(2).locator('summary').focus();
    await lab.page.keyboard.press('Enter');
    expect(await rows().nth(2).locator('pre').innerText()).toContain('average.txt');
  });

  it('goes back to step 2 and forward to step 4, in the lab of the author', async () => {
    await rows()
      .nth(1)
      .getByRole('button', { name: 'Reset to here: Make a file that a check wants' })
      .click();
    await lab.step('make-a-file-that-a-check-wants').is('todo');
    await type('ls hello.txt; echo "it is $?"', 'it is 2');
    await rows()
      .nth(3)
      .getByRole('button', { name: /^Fast-forward to here/ })
      .click();
    await bar().getByText('At Fall into a trap and get out.').waitFor();
    await lab.step('mend-a-file-in-the-editor').is('done');
    await lab.step('fall-into-a-trap-and-get-out').is('todo');
    await bar().getByRole('button', { name: 'Back a step' }).click();
    await lab.step('mend-a-file-in-the-editor').is('todo');
    await lab.step('make-a-file-that-a-check-wants').is('done');
    await bar().getByRole('button', { name: 'Play this step' }).click();
    await lab.step('mend-a-file-in-the-editor').is('done');
  });

  it.each(['light', 'dark'])('has no fault that axe finds, %s', async (theme) => {
    await lab.page.evaluate((name) => void (document.documentElement.dataset['theme'] = name), theme);
    expect(await faultsIn(new AxeBuilder({ page: lab.page }).include('.author'))).toEqual([]);
  });

  it('is nobody else’s: a learner sees mistakes and new text, no check', async () => {
    const other = await labPage(await browser.newContext());
    await enterAs(other, /Ada Lovelace/);
    await save((text) => text.replace(THIRD, `${THIRD}\n\nFor everybody.`));
    await other.says('For everybody.');
    expect(await other.page.getByRole('button', { name: 'Author’s bar' }).count()).toBe(0);
    expect(other.errors).toEqual([]);
    await other.page.close();
  });

  it('throws nothing into the page', () => expect(lab.errors).toEqual([]));
});
