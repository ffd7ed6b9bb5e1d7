/** The page of the queue in a browser: it moves by itself, in both themes, and hides nothing from a screen reader. */
import AxeBuilder from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileFor, submit } from '../testing/rucio.ts';
import type { Peer } from '../testing/peer.ts';
import { createWorld, until, type RunningService, type World } from '../testing/world.ts';

let world: World;
let cnaf: Peer;
let napoli: Peer;
let archive: Peer;
let service: RunningService;
let browser: Browser;

beforeAll(async () => {
  world = await createWorld();
  [cnaf, napoli, archive] = [
    await world.peer('cnaf'),
    await world.peer('napoli'),
    await world.peer('archive'),
  ];
  service = await world.service(
    await world.settings([cnaf, napoli, archive], {
      limits: { total: 4, perLink: 2, inbound: 4, outbound: 4 },
      retries: { most: 2, firstMs: 8000, factor: 2, longestMs: 60_000 },
    }),
  );
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser.close();
  await world.close();
});

const BYTES = Buffer.alloc(2_000_000, 'tracks');
async function add(name: string, user: string, from: Peer, to: Peer, there = true): Promise<void> {
  const path = `/rucio/user/${user}/${name}`;
  if (there) from.files.set(encodeURI(path), BYTES);
  await submit(service, [await fileFor(world, { sources: [from], destination: to, path, bytes: BYTES })], {
    account: user,
  });
}

async function opened(colorScheme: 'light' | 'dark', width = 1200): Promise<Page> {
  // the authority is the lake's own: a browser of the machine does not know it
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    colorScheme,
    viewport: { width, height: 900 },
  });
  const page = await context.newPage();
  await page.goto(`https://127.0.0.1:${service.port}/`);
  await page.getByText('live', { exact: true }).waitFor();
  return page;
}
/** where to look at it afterwards: a folder that whoever runs this names */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['PALESTRA_PICTURES'];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
async function violations(page: Page): Promise<readonly string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
}

describe('the page of the queue', () => {
  it('says what to do while nothing is queued', async () => {
    const page = await opened('light');
    await page.getByText('Nothing is queued. Add a rule, and its transfers appear here.').waitFor();
    expect(await violations(page)).toEqual([]);
    await picture(page, 'empty');
    await page.context().close();
  });

  it('moves by itself: files set out, wait, arrive and fail, each with its word and its reason', async () => {
    const light = await opened('light');
    const dark = await opened('dark');
    napoli.misbehave({ kind: 'slow', ms: 300 });
    archive.misbehave({ kind: 'garbage' }, 1);
    await add('run40.root', 'ada', cnaf, archive);
    await add('lost.root', 'keplero', cnaf, archive, false);
    await add('città <i>di Napoli.tdm', 'ada', archive, cnaf);
    for (const name of ['run41', 'run42', 'run43', 'run44'])
      await add(`${name}.root`, 'keplero', cnaf, napoli);
    for (const page of [light, dark]) {
      await page.getByText('on its way').first().waitFor();
      await page.getByText('waiting, try 2').first().waitFor();
      await page.getByText('arrived', { exact: true }).first().waitFor();
      await page.getByText('SOURCE [2] SOURCE HTTP 404 : File not found').waitFor();
      await page.getByText('città <i>di Napoli.tdm').waitFor();
      await page.locator('progress[value]').first().waitFor();
    }
    expect(await violations(light)).toEqual([]);
    expect(await violations(dark)).toEqual([]);
    await picture(light, 'light');
    await picture(dark, 'dark');
    const narrow = await opened('light', 390);
    const fits = await narrow.evaluate<boolean>('document.documentElement.scrollWidth <= window.innerWidth');
    expect(fits).toBe(true);
    await picture(narrow, 'narrow');
    napoli.behave();
    await until(
      () => light.getByText('arrived', { exact: true }).count(),
      (n) => n >= 3,
      60_000,
    );
    for (const page of [light, dark, narrow]) await page.context().close();
  });

  it('says so when the service is gone', async () => {
    const page = await opened('light');
    await service.close();
    await page.getByText('the service does not answer').waitFor({ timeout: 15_000 });
    await page.context().close();
  });
});
