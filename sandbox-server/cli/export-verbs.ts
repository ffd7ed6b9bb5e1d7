/** The verbs that take courses elsewhere. */
import type { Command } from 'commander';
import type { DescribeCommand } from './describe.ts';
import type { PrintCommand } from './print.ts';
import type { TakeHomeCommand } from './take-home.ts';

export function addExportVerbs(program: Command): void {
  program
    .command('take-home')
    .argument('<lesson>', 'e.g. dask/1-local-cluster')
    .description('a lesson as an archive that runs anywhere with Python and bash')
    .option('--with-solutions', 'and a solution of each step')
    .option('--out <file>', 'the archive; palestra-COURSE-LESSON.tar.gz here without')
    .option('--json', 'for programs')
    .addHelpText('after', TAKE_HOME_HELP)
    .action(async (lesson: string, options: TakeHomeCommand) =>
      (await import('./take-home.ts')).takeHomeLesson(lesson, options),
    );
  program
    .command('print')
    .argument('<course>', 'e.g. dask')
    .description('a whole course as a PDF')
    .option('--out <file>', 'the PDF; COURSE.pdf here without')
    .option('--no-build', 'print dist/ as it is')
    .addHelpText('after', PRINT_HELP)
    .action(async (course: string, options: PrintCommand) =>
      (await import('./print.ts')).print(course, options),
    );
  program
    .command('describe')
    .argument('<course>', 'e.g. dask')
    .description('what a course is: for whom, how long, which lessons; Markdown')
    .option('--indico', "plain HTML, to paste into the description of Indico's event or contribution")
    .option('--json', 'JSON-LD of schema.org, as in the head of its page')
    .option('--site <address>', 'where the site stands, for links')
    .addHelpText('after', DESCRIBE_HELP)
    .action(async (course: string, options: DescribeCommand) =>
      (await import('./describe.ts')).describeCourse(course, options),
    );
}

const TAKE_HOME_HELP = `
In it: the lesson as one page, its files, its checks as scripts, the kit's locked packages, a README, and the lessons
that it comes after. No solutions, unless they are asked for. A lesson that needs a service or a cluster stays here.

Examples:
  $ npx palestra take-home first-steps/1-how-a-lab-works
  $ npx palestra take-home dask/2-graph --with-solutions --out for-tutors.tar.gz`;

const PRINT_HELP = `
Makes it with a Chromium or Chrome that is on the PATH; without one it says which page to print in any browser.

Examples:
  $ npx palestra print dask
  $ npx palestra print data-lake --out /tmp/lake.pdf`;

const DESCRIBE_HELP = `
Examples:
  $ npx palestra describe dask --indico --site https://palestra.example
  $ npx palestra describe dask --json`;
