/** The first Dask lesson by clicking: a cluster of one's own, its live dashboard in the workspace, every check green. */
import type { Browser, Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../world/server.ts';
import { openBrowser } from '../world/browser.ts';
import { enter, labPage, type LabPage } from './lab-page.ts';

const LESSON = 'dask/1-local-cluster';
/** where the kit is absent, Start first installs it: minutes */
const KIT = { timeout: 280_000, interval: 500 } as const;
const PATIENCE = { timeout: 90_000, interval: 200 } as const;
let world: World;
let browser: Browser;
/** closed in the other order, whatever of it came up */
const opened = new AsyncDisposableStack();
let lab: LabPage;
/** messages that the dashboard's own WebSocket brought */
let received = 0;

beforeAll(async () => {
  world = opened.use(await openWorld({ warm: { dask: 1 } }));
  browser = opened.adopt(await openBrowser(), (b) => b.close());
  lab = await labPage(await browser.newContext({ viewport: { width: 1440, height: 900 } }));
  lab.page.on('websocket', (socket) => {
    if (new URL(socket.url()).host.startsWith('8787-')) socket.on('framereceived', () => received++);
  });
});
afterAll(() => opened.disposeAsync());

describe('dask, lesson 1', () => {
  it('opens, saying what it waits for while the kit is being prepared', { timeout: 300_000 }, async () => {
    await enter(lab, world.url, LESSON, 'tullio', KIT);
  });

  it('starts a cluster that stays, and its dashboard opens beside it', async () => {
    const step = lab.step('start-two-workers');
    await step.press('Insert');
    await step.says('and saved');
    await step.press('Run');
    await lab.page.getByRole('tab', { name: /Dashboard :8787/ }).click(PATIENCE);
    // nobody presses *Check now*: a program that stays ends no command, so the server looks by itself
    await step.is('done');
  });

  it('the dashboard is live: its socket is open and it draws', async () => {
    const dashboard = lab.page.frameLocator('iframe[title="Dashboard :8787"]');
    await expect.poll(() => dashboard.locator('canvas').count(), PATIENCE).toBeGreaterThan(2);
    await expect.poll(() => received, PATIENCE).toBeGreaterThan(2);
    const frame = dashboardFrame(lab);
    expect(new URL(frame?.url() ?? '').host).not.toBe(new URL(world.url).host);
    // T11: what the learner serves sees neither the portal's cookie nor its interface
    expect(await frame?.evaluate(() => document.cookie)).not.toContain('palestra');
    const reached = await frame?.evaluate(
      (url) =>
        fetch(`${url}/api/session`, { credentials: 'include' }).then(
          () => 'read',
          () => 'blocked',
        ),
      world.url,
    );
    expect(reached).toBe('blocked');
  });

  it('the server dies with -9 in the middle and comes back: the cluster and its dashboard go on', async () => {
    await world.kill();
    await lab.says('Your program runs on in the sandbox and the text here stays.');
    await world.restart();
    await expect.poll(() => lab.status(), PATIENCE).toContain('● connected');
    const before = received;
    await expect.poll(() => received, PATIENCE).toBeGreaterThan(before);
    await lab.step('start-two-workers').is('done');
  });

  it('answers, sends work, sees it move and closes the cluster: all green', async () => {
    await answerRight(lab, 'look-at-it');
    const send = lab.step('send-it-work');
    await send.press('Insert');
    await send.says('and saved');
    // Insert brought the editor up; the dashboard was not reloaded behind it
    const page = await dashboardFrame(lab)?.evaluate(() => performance.timeOrigin);
    await lab.page.getByRole('tab', { name: /Dashboard :8787/ }).click();
    expect(await dashboardFrame(lab)?.evaluate(() => performance.timeOrigin)).toBe(page);
    const before = await picture(lab);
    await send.press('Run');
    await send.says('counted by both workers');
    await expect.poll(async () => (await picture(lab)).equals(before), PATIENCE).toBe(false);
    await answerRight(lab, 'send-it-work');
    const close = lab.step('close-it');
    await close.press('Stop');
    await close.is('done');
    await expect.poll(() => lab.status(), PATIENCE).toMatch(/4\s+of 4 steps/);
    expect(lab.errors).toEqual([]);
  });
});

describe('a later lesson first', () => {
  it('offers to prepare what it needs, and marks it skipped', { timeout: 300_000 }, async () => {
    const late = await labPage(await browser.newContext({ viewport: { width: 1440, height: 900 } }));
    await late.page.goto(`${world.url}/courses/dask/2-graph/?start`);
    await late.page.getByLabel('User name').fill('gian');
    await late.page.getByRole('button', { name: 'Register and sign in' }).click();
    await late.says('This lesson goes on from another');
    await late.page.getByRole('button', { name: 'Prepare this for me' }).click();
    await late.ready(KIT);
    await late.page.goto(`${world.url}/courses/${LESSON}/`);
    await late.ready();
    await late.step('send-it-work').is('skipped');
    await late.page.close();
  });
});

/** Tries each choice until the server says that it is right. */
async function answerRight(on: LabPage, id: string): Promise<void> {
  const here = on.step(id);
  const choices = here.at.getByRole('radio');
  for (let i = 0; i < (await choices.count()); i++) {
    await choices.nth(i).check();
    await here.press(/^Answer/);
    await here.says(/(Right|Not right)\./);
    if (/\bRight\./.test(await here.at.innerText())) break;
  }
  await here.is('done');
}

function dashboardFrame({ page }: LabPage): Frame | undefined {
  return page.frames().find((one) => one.url().includes('8787-'));
}

/** The dashboard as it looks now. */
function picture({ page }: LabPage): Promise<Buffer> {
  return page.locator('iframe[title="Dashboard :8787"]').screenshot();
}
