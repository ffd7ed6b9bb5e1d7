/** A reader tries a guide live, in a real Chromium against the real server. */
import AxeBuilder from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../world/server.ts';
import { openBrowser } from '../world/browser.ts';
import { faultsIn } from './axe.ts';
import { labPage, type LabPage } from './lab-page.ts';

const PATIENCE = { timeout: 60_000, interval: 100 } as const;
let world: World;
const opened = new AsyncDisposableStack();
let lab: LabPage;

beforeAll(async () => {
  world = opened.use(await openWorld({ warm: { base: 1 } }));
  const browser = opened.adopt(await openBrowser(), (b) => b.close());
  lab = await labPage(await browser.newContext({ viewport: { width: 1440, height: 900 } }));
});
afterAll(() => opened.disposeAsync());

describe('a guide', () => {
  it('says when it was proven, and is a page to read until somebody tries it', async () => {
    await lab.page.goto(`${world.url}/guides/same-file/`);
    await expect.poll(() => lab.page.locator('.proof').innerText(), PATIENCE).toMatch(/proven/);
    expect(await lab.page.locator('.lab-root').count()).toBe(0);
    expect(await lab.page.locator('figure.fence[data-action] pre').count()).toBeGreaterThan(4);
  });

  it('opens a terminal in its kit under the text, after the login', async () => {
    await lab.page.getByRole('button', { name: 'Try it live' }).click();
    await lab.page.getByLabel('User name').fill('noether');
    await lab.page.getByRole('button', { name: 'Register and sign in' }).click();
    await expect.poll(() => lab.terminal(), PATIENCE).toContain('noether@lab');
    expect(await lab.page.locator('h1').isVisible()).toBe(true);
    expect(await lab.page.locator('.lab-upper').count()).toBe(0);
  });

  it('types its commands at a click, and prints what the page shows', async () => {
    const step = lab.step('one-file');
    await step.press('Run');
    await expect.poll(() => lab.terminal(), PATIENCE).toMatch(/[0-9a-f]{64} {2}copy\/a\.txt/);
    const shown = await step.at.locator('figure[data-kind="output"] pre').first().innerText();
    expect(await lab.terminal()).toContain(shown.trim().split('\n')[0]);
    expect(await faultsIn(new AxeBuilder({ page: lab.page }))).toEqual([]);
    expect(lab.errors).toEqual([]);
  });
});
