/** A learner in a real Chromium: what they see and press on a lesson page, by the words on it. */
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { StepProgress } from '../../sandbox-server/contract/progress.ts';

/** Two cores, a server, a sandbox and a browser: patience, not timing. */
export interface Patience {
  readonly timeout: number;
  readonly interval: number;
}
const PATIENCE: Patience = { timeout: 60_000, interval: 100 };

const PREVIEW = /:\/\/\d+-[a-z2-7]{20}\./;

export interface LabPage {
  readonly page: Page;
  /** whatever the page's scripts threw */
  readonly errors: readonly Error[];
  step(id: string): Step;
  /** what the terminal that is open shows, its rows joined without the wrapping */
  terminal(): Promise<string>;
  /** types into the open terminal as a person does */
  type(text: string): Promise<void>;
  says(text: string | RegExp): Promise<void>;
  /** answers the open question */
  answer(button: string): Promise<void>;
  status(): Promise<string>;
  /** the lab is, and its terminal takes keys. @param patience where a kit may have to be prepared first */
  ready(patience?: Patience): Promise<void>;
}
export interface Step {
  readonly at: Locator;
  press(button: string | RegExp, which?: number): Promise<void>;
  is(state: StepProgress['state']): Promise<void>;
  says(text: string | RegExp): Promise<void>;
}

/** A page of its own in this context (one context is one person's browser). */
export async function labPage(context: BrowserContext): Promise<LabPage> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE.timeout);
  const errors: Error[] = [];
  page.on('pageerror', (error) => {
    // a dashboard in a preview may throw what it likes: that is the learner's program
    if (!PREVIEW.test(error.stack ?? '')) errors.push(error);
  });
  const textOf = (at: Locator): Promise<string> => at.innerText();
  const terminal = async (): Promise<string> => {
    const rows = page.locator('.lab-terminal:not([hidden]) .xterm-rows > div');
    return (await rows.allTextContents())
      .map((row) => row.replaceAll('\u00a0', ' '))
      .join('')
      .trimEnd();
  };
  return {
    page,
    errors,
    terminal,
    step: (id) => {
      const at = page.locator(`section[data-step="${id}"]`);
      return {
        at,
        press: (button, which = 0) =>
          at
            .getByRole('button', { name: button, exact: typeof button === 'string' })
            .nth(which)
            .click(),
        is: (state) => expect.poll(() => at.getAttribute('data-state'), PATIENCE).toBe(state),
        says: (text) => expect.poll(() => textOf(at), PATIENCE).toMatch(text),
      };
    },
    async type(text) {
      await page.locator('.lab-terminal:not([hidden]) .xterm-helper-textarea').focus();
      await page.keyboard.type(text);
    },
    says: (text) => expect.poll(() => textOf(page.locator('body')), PATIENCE).toMatch(text),
    answer: (button) => page.locator('dialog[open]').getByRole('button', { name: button }).click(),
    status: () => textOf(page.locator('.lab-status')),
    async ready(patience = PATIENCE) {
      await expect
        .poll(() => textOf(page.locator('.lab-status')), patience)
        .toMatch(/ready in|all saved|pronto in|tutto salvato/)
        .catch(async (error: unknown) => {
          // what a learner reads where the lab is not ready: how far it is, or why it failed
          const scene = await page.locator('.lab-scene').allInnerTexts();
          throw new Error(`the lab is not ready, its page says: ${scene.join('\n')}`, { cause: error });
        });
      await expect.poll(terminal, PATIENCE).toContain('@lab');
      // after a pause the text of before stands there, too, and keys typed under the banner go nowhere
      const cut = page.locator('.lab-terminal:not([hidden]) .lab-banner:is(.opening, .cut, .over)');
      await expect.poll(() => cut.count(), PATIENCE).toBe(0);
    },
  };
}

/** From a lesson's address through the sign-in into its open lab, as somebody who was never here. */
export async function enter(
  lab: LabPage,
  url: string,
  lesson: string,
  user: string,
  patience = PATIENCE,
): Promise<void> {
  await lab.page.goto(`${url}/courses/${lesson}/?start`);
  await lab.page.getByLabel('User name').fill(user);
  await lab.page.getByRole('button', { name: 'Register and sign in' }).click();
  await lab.ready(patience);
}
