/** `palestra` as authors have it inside a sandbox: what needs no server. Made into one file by the kit `authors`. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { Problem } from '../contract/errors.ts';
import { lint } from './lint/lint.ts';
import { describeReport } from './lint/print.ts';

const HELP = `
Courses are looked for in the folder courses/ here, or above.

Examples:
  $ palestra lint                  every course
  $ palestra lint mine/1-greeting  one lesson
  $ palestra lint --json           for programs`;

const program = new Command('palestra')
  .description("what needs no server of Palestra's commands; the others are in a checkout")
  .showHelpAfterError();
program
  .command('lint')
  .argument('[path...]', 'courses, lessons, folders or Markdown files; every course without')
  .description('what is wrong with courses, before a learner sees it; exit status 1 on errors')
  .option('--json', 'for programs')
  .addHelpText('after', HELP)
  .action(async (paths: string[], { json }: { json?: boolean }) => {
    const report = await lint({ root: rootAbove(process.cwd()), paths, from: process.cwd() });
    const text =
      json === true ? JSON.stringify(report, null, 2) : describeReport(report, process.stdout.isTTY);
    process.stdout.write(`${text}\n`);
    process.exitCode = report.errors > 0 ? 1 : 0;
  });

/** The nearest folder that holds courses. @throws Problem `not-found` */
function rootAbove(from: string): string {
  for (let here = resolve(from); ; here = dirname(here)) {
    if (existsSync(join(here, 'courses'))) return here;
    if (here === dirname(here)) throw new Problem('not-found', 'There is no folder courses/ here or above.');
  }
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  process.stderr.write(`palestra: ${error.message}\n`);
  process.exitCode = 1;
}
