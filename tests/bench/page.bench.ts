/** Bytes on the wire for a first visit: a lesson before Start, with its terminal, with its editor; against plain Starlight and JupyterLab. */
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../world/browser.ts';
import { openWorld } from '../world/server.ts';
import type { Bench } from './run.ts';
import { installHub, openHub, PASSWORD, type Hub } from './peers/jupyterhub.ts';
import { openPlainSite } from './peers/plain-starlight.ts';
import { row, type Pair } from './table.ts';

const LESSON = 'first-steps/1-how-a-lab-works';
/** scripts that a page fetches after its load event have come by then */
const SETTLE_MS = 3000;

export const bench: Bench = {
  says: 'transferred bytes of a lesson before Start, with terminal, with editor; against plain Starlight and JupyterLab',
  rounds: 2,
  async run(rounds, say) {
    await installHub(say);
    say('building the plain page …');
    await using plain = await openPlainSite(LESSON);
    await using world = await openWorld();
    await using hub = await openHub();
    const browser = await openBrowser();
    const before: Pair[] = [];
    const terminal: Pair[] = [];
    const editor: Pair[] = [];
    for (let round = 0; round < rounds; round++) {
      const lab = await labBytes(browser, hub, `page${round}`);
      const mine = await lessonBytes(browser, world.url, `page${round}`);
      before.push({ ours: mine.before, theirs: await visit(browser, `${plain.url}/lesson/`) });
      terminal.push({ ours: mine.terminal, theirs: lab });
      editor.push({ ours: mine.editor, theirs: lab });
      say(
        `round ${round + 1} of ${rounds}: ${mine.before} B before Start, ${mine.terminal} with a terminal, ${mine.editor} with the editor`,
      );
    }
    await browser.close();
    return [
      row('lesson before Start, B', 'plain Starlight', before, { op: '<=', value: 1.05 }),
      row('lesson with its terminal, B', 'JupyterLab', terminal, { op: '<=', value: 0.1 }),
      row('lesson with its editor, B', 'JupyterLab', editor, { op: '<=', value: 0.35 }),
    ];
  },
};

/** Counts what comes over the network for a page, heads included. */
async function counted(browser: Browser): Promise<{ page: Page; bytes: () => number }> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const session = await page.context().newCDPSession(page);
  let sum = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (sum += encodedDataLength));
  await session.send('Network.enable');
  return { page, bytes: () => sum };
}

async function visit(browser: Browser, url: string): Promise<number> {
  const { page, bytes } = await counted(browser);
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForTimeout(SETTLE_MS);
  await page.context().close();
  return bytes();
}

async function lessonBytes(
  browser: Browser,
  url: string,
  user: string,
): Promise<{ before: number; terminal: number; editor: number }> {
  const before = await visit(browser, `${url}/courses/${LESSON}/`);
  const { page, bytes } = await counted(browser);
  await page.goto(`${url}/courses/${LESSON}/?start`);
  await page.getByLabel('User name').fill(user);
  await page.getByRole('button', { name: 'Register and sign in' }).click();
  await page
    .locator('.lab-terminal .xterm-rows')
    .first()
    .getByText('@lab')
    .first()
    .waitFor({ timeout: 60_000 });
  await page.waitForTimeout(SETTLE_MS);
  const terminal = bytes();
  await page.getByRole('treeitem', { name: 'average.sh' }).click();
  await page.locator('.monaco-editor .view-line').first().waitFor({ timeout: 60_000 });
  await page.waitForTimeout(SETTLE_MS);
  const editor = bytes();
  await page.context().close();
  return { before, terminal, editor };
}

async function labBytes(browser: Browser, hub: Hub, user: string): Promise<number> {
  const { page, bytes } = await counted(browser);
  await page.goto(`${hub.url}/hub/login`);
  await page.locator('#username_input').fill(user);
  await page.locator('#password_input').fill(PASSWORD);
  await page.locator('#login_submit').click();
  await page.locator('.jp-LauncherCard').first().waitFor({ timeout: 240_000 });
  await page.waitForTimeout(SETTLE_MS);
  await page.context().close();
  return bytes();
}
