/** A lab on an Italian page: the workspace, the server's stages and what checks say are Italian, and the page says so. */
import AxeBuilder from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../world/browser.ts';
import { openWorld } from '../world/server.ts';
import { faultsIn } from './axe.ts';
import { FIRST_LESSON } from './first-lab.ts';
import { enter, labPage, type LabPage } from './lab-page.ts';

/** closed in the other order, whatever of it came up */
const opened = new AsyncDisposableStack();
let lab: LabPage;
let url: string;

beforeAll(async () => {
  const world = opened.use(await openWorld({ warm: { base: 1 } }));
  url = world.url;
  const browser = opened.adopt(await openBrowser(), (b) => b.close());
  lab = await labPage(await browser.newContext({ viewport: { width: 1440, height: 900 } }));
});
afterAll(() => opened.disposeAsync());

describe('a lab on an Italian page', () => {
  it('speaks Italian around the terminal', async () => {
    await enter(lab, `${url}/it`, FIRST_LESSON, 'levi');
    expect(await lab.page.locator('html').getAttribute('lang')).toBe('it');
    await expect.poll(() => lab.status()).toContain('connesso');
    expect(await lab.status()).toContain('0 di 6 passi');
    expect(await lab.page.getByRole('tab', { name: 'terminale 1' }).count()).toBe(1);
  });

  it('runs a command, and a check answers in Italian', async () => {
    await lab.step('run-a-command').press('Esegui');
    await lab.step('run-a-command').is('done');
    const step = lab.step('make-a-file-that-a-check-wants');
    await step.press('Verifica ora');
    await step.is('not-done');
    await step.says('Nella tua cartella personale non c’è ancora nessun file hello.txt.');
    await step.press('Esegui');
    await step.is('done');
    await step.says('hello.txt c’è e dice chi sei.');
  });

  it('answers a question with the reason that the Italian page gives', async () => {
    const step = lab.step('fall-into-a-trap-and-get-out');
    await step.at.getByLabel('prende la prima riga').check();
    await step.press('Rispondi');
    await step.says(/Non è giusto\. Prende l.ultima\./);
    await step.at.getByRole('radio').nth(1).check();
    await step.press('Rispondi di nuovo');
    // the colour hangs on a class, which no language changes
    await step.at.locator('.lab-check.done', { hasText: 'Giusto.' }).waitFor();
  });

  it('asks in Italian before something is lost', async () => {
    await lab.step('make-a-file-that-a-check-wants').press('Ricomincia il passo');
    await lab.answer('Lascia com’è');
  });

  it.each([
    [390, 'light'],
    [820, 'dark'],
    [1440, 'dark'],
  ] as const)('axe finds nothing at %i px, %s, and nothing is wider than the page', async (width, theme) => {
    await lab.page.setViewportSize({ width, height: 900 });
    await lab.page.evaluate((to) => (document.documentElement.dataset['theme'] = to), theme);
    expect(await faultsIn(new AxeBuilder({ page: lab.page }).exclude('.monaco-editor'))).toEqual([]);
    expect(await lab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });

  it('goes on in English on the English page, in the same lab', async () => {
    await lab.page.setViewportSize({ width: 1440, height: 900 });
    await lab.page.goto(`${url}/courses/${FIRST_LESSON}/`);
    await lab.ready();
    const step = lab.step('mend-a-file-in-the-editor');
    await step.press('Check now');
    await step.says('average.txt is not there yet');
  });
});
