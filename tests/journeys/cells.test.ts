/** Cells by clicking: two of them in one kernel, kept over a reload, and the same notebook in JupyterLab. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../world/server.ts';
import { openBrowser } from '../world/browser.ts';
import { enter, labPage, type LabPage } from './lab-page.ts';

const LESSON = 'dask/6-notebook';
/** where the kit is absent, Start first installs it: minutes */
const KIT = { timeout: 280_000, interval: 500 } as const;
const PATIENCE = { timeout: 120_000, interval: 200 } as const;
const SLOW = { timeout: 150_000 };
let world: World;
let browser: Browser;
/** closed in the other order, whatever of it came up */
const opened = new AsyncDisposableStack();
let lab: LabPage;

beforeAll(async () => {
  world = opened.use(await openWorld({ warm: { dask: 1 } }));
  browser = opened.adopt(await openBrowser(), (b) => b.close());
  lab = await labPage(await browser.newContext({ viewport: { width: 1440, height: 900 } }));
});
afterAll(() => opened.disposeAsync());

const outputs = (step: string) => lab.step(step).at.locator('.lab-output:not([hidden])');

describe('a lesson of cells', () => {
  it('opens with its notebook laid', { timeout: 300_000 }, async () => {
    await enter(lab, world.url, LESSON, 'nina', KIT);
    await lab.page.getByText('notebook.ipynb').first().waitFor();
  });

  it('runs a cell by a click and one by its keys; what came of them stands under them', SLOW, async () => {
    const step = lab.step('two-cells-one-kernel');
    await step.press('Run cell');
    await expect
      .poll(() => outputs('two-cells-one-kernel').allInnerTexts(), PATIENCE)
      .toEqual([expect.stringMatching(/^\d runs$/)]);
    await step.at.locator('figure[data-kind="cell"] > pre').nth(1).focus();
    await lab.page.keyboard.press('Shift+Enter');
    await step.is('done');
    await expect
      .poll(() => outputs('two-cells-one-kernel').allInnerTexts(), PATIENCE)
      .toEqual([expect.stringMatching(/^\d runs$/), expect.stringMatching(/^\d+$/)]);
  });

  it('T11 shows markup of a learner’s program, which can do nothing', SLOW, async () => {
    const forged = [
      'import json; book = json.load(open("notebook.ipynb"));',
      'cell = next(c for c in book["cells"] if c["metadata"]["palestra"].get("action") == "cell-2");',
      'cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"text/html":',
      '"<b>shown</b><img src=x onerror=\\\'top.hacked=1\\\'><script>top.hacked=1</script><form action=/auth/logout></form>"}}];',
      'json.dump(book, open("notebook.ipynb", "w"))',
    ].join(' ');
    await lab.type(`python3 -c $'${forged}'\r`);
    const frame = lab.step('two-cells-one-kernel').at.frameLocator('.lab-output iframe');
    await expect.poll(() => frame.locator('b').allInnerTexts(), PATIENCE).toEqual(['shown']);
    await lab.step('two-cells-one-kernel').says('JupyterLab shows it');
    expect(await lab.page.evaluate(() => 'hacked' in window)).toBe(false);
    await lab.step('two-cells-one-kernel').press('Run again', 1);
    await expect.poll(() => frame.locator('b').count(), PATIENCE).toBe(0);
  });

  it('keeps what it shows over a reload', SLOW, async () => {
    await expect.poll(() => outputs('two-cells-one-kernel').allInnerTexts(), PATIENCE).toHaveLength(2);
    const before = await outputs('two-cells-one-kernel').allInnerTexts();
    await lab.page.reload();
    await expect.poll(() => outputs('two-cells-one-kernel').allInnerTexts(), PATIENCE).toEqual(before);
  });

  it('opens the same notebook in JupyterLab, with the same outputs and without a login', SLOW, async () => {
    const [runs = ''] = await outputs('two-cells-one-kernel').allInnerTexts();
    await lab.step('two-cells-one-kernel').press('Open in JupyterLab');
    const jupyter = lab.page.frameLocator('iframe[title="JupyterLab :8888"]');
    await expect
      .poll(() => jupyter.locator('.jp-Notebook .jp-OutputArea-output').first().innerText(), PATIENCE)
      .toContain(runs);
    expect(lab.errors).toEqual([]);
  });
});
