/** The work on a learner's first lesson, step by step as its page asks: for any server, whatever its sandboxes are. */
import { expect } from 'vitest';
import type { LabPage } from './lab-page.ts';

export const FIRST_LESSON = 'first-steps/1-how-a-lab-works';
const PATIENCE = { timeout: 60_000, interval: 100 } as const;

/** What is done, by clicking and typing in the open lab of `user`, in this order. */
export const FIRST_LAB: readonly (readonly [
  what: string,
  act: (lab: LabPage, user: string) => Promise<void>,
])[] = [
  [
    'runs a command by a click: typed into the terminal, and the step is done',
    async (lab, user) => {
      await lab.step('run-a-command').press('Run');
      await expect.poll(() => lab.terminal(), PATIENCE).toContain(`I am ${user}`);
      await lab.step('run-a-command').is('done');
      await lab.step('run-a-command').press('Run again');
    },
  ],
  [
    'a check is red with a sentence, and green once the command was typed by hand',
    async (lab) => {
      const step = lab.step('make-a-file-that-a-check-wants');
      await step.press('Check now');
      await step.is('not-done');
      await step.says('There is no file hello.txt');
      await lab.type('echo "hello from $PALESTRA_USER" > hello.txt\r');
      await step.is('done');
      await step.says('says who you are');
    },
  ],
  [
    'Shift+Enter runs the block that has the focus',
    async (lab) => {
      const block = lab.step('mend-a-file-in-the-editor').at.locator('pre').first();
      await block.focus();
      await lab.page.keyboard.press('Shift+Enter');
      await expect.poll(() => lab.terminal(), PATIENCE).toContain('bash average.sh');
    },
  ],
  [
    'inserts a line in the editor, and Run saves what is unsaved and says so',
    async (lab) => {
      const step = lab.step('mend-a-file-in-the-editor');
      await step.press('Insert');
      await step.says('Put into average.sh');
      await lab.page.locator('.monaco-editor textarea, .monaco-editor [role="textbox"]').first().focus();
      await lab.page.keyboard.press('Control+End');
      await lab.page.keyboard.type('# mine');
      await expect.poll(() => lab.status(), PATIENCE).toContain('average.sh not saved');
      await step.press(/^Run/, 1);
      await step.says('Saved average.sh first.');
      await step.is('done');
      expect(await lab.status()).toMatch(/all saved \d\d:\d\d/);
    },
  ],
  [
    'a check recognises a mistake and shows its hint; the question is judged by the server',
    async (lab) => {
      const step = lab.step('fall-into-a-trap-and-get-out');
      await step.press('Run');
      await step.is('not-done');
      await step.says('Sorted like words');
      await step.at.getByRole('radio').nth(0).check();
      await step.press('Answer');
      await step.says(/Not right.*three digits/s);
      await step.at.getByRole('radio').nth(1).check();
      await step.press('Answer again');
      await step.says('Right.');
      await lab.type('sort -n readings.txt | tail -n 1 > largest.txt\r');
      await step.is('done');
    },
  ],
  [
    'a program stays in a terminal of its own; the step waits and says how far it is',
    async (lab) => {
      const step = lab.step('leave-a-program-running');
      await step.press('Run');
      await lab.page.getByRole('tab', { name: /ticker/ }).waitFor();
      await step.press('Check now');
      await step.is('waiting');
      await step.is('done');
    },
  ],
  [
    'a busy terminal is said to be busy, with a way on',
    async (lab) => {
      await lab.page.getByRole('tab', { name: /terminal 1/ }).click();
      await lab.type('sleep 600\r');
      await expect
        .poll(() => lab.page.locator('.lab-terminal-tabs .dot.busy').count(), PATIENCE)
        .toBeGreaterThan(0);
      const step = lab.step('leave-a-program-running');
      await step.press('Run again');
      await step.says(/Ticker is busy with\s+bash ticker.sh/);
      await step.press('Stop it and run');
      await expect
        .poll(async () => (await lab.terminal()).split('bash ticker.sh').length, PATIENCE)
        .toBeGreaterThan(2);
      await lab.page.getByRole('tab', { name: /terminal 1/ }).click();
      await lab.type('\x03');
    },
  ],
  [
    'Stop presses Ctrl-C in the named terminal',
    async (lab) => {
      const step = lab.step('stop-it-again');
      await step.press('Stop');
      await step.press('Check now');
      await step.says('The ticker has ended');
      await step.at.getByRole('radio').nth(1).check();
      await step.press('Answer');
      await step.is('done');
      await expect.poll(() => lab.status(), PATIENCE).toMatch(/6\s+of 6 steps/);
    },
  ],
];
