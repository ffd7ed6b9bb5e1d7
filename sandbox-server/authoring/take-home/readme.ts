/** The README of what is taken home. Pure. */
import type { Course, Lesson } from '../../contract/lesson.ts';
import type { TakenKit } from './kit.ts';

interface Told {
  readonly course: Course;
  /** the last is the one that was asked for */
  readonly lessons: readonly Lesson[];
  readonly kit: TakenKit;
  readonly solutions: boolean;
}

export function readme({ course, lessons, kit, solutions }: Told): string {
  const first = lessons[0]?.steps.find(({ checks }) => checks.length > 0)?.id ?? 'STEP';
  const title = lessons.at(-1)?.title ?? course.title;
  return (
    [
      `# ${title}`,
      `A lesson of the course *${course.title}*, to do anywhere. It needs bash and Python 3.11 or newer${systemOf(kit)}.`,
      '## How',
      `1. \`./start\` prepares what the lesson needs${listsOf(kit)} and opens a shell in \`home/\`. Leave it with \`exit\`; \`./start\` brings you back.`,
      `2. Open ${lessons.map(({ id }) => `\`${id}.html\``).join(', then ')} in a browser. It works without a network. Type, or copy, its commands into that shell.`,
      `3. \`check\` says whether the step you are at is done; \`check ${first}\` looks at that one. From outside the shell: \`./check\`. \`check --list\` shows all steps, \`check STEP --reset\` brings back how one began, \`check STEP --answer 2\` answers its question.`,
      '4. Where the page names a terminal, open another window and run `./start` there too. What the page stops, you stop with Ctrl-C.',
      '## What is different from a lab',
      '- Commands run as you, on your machine: nothing keeps them in. `HOME` is this folder’s `home/`, your own files are not touched by the lesson’s commands.\n- What belongs to `/opt/kit` in a lab is in `kit/` here; `$KIT` names it.\n- Your name is `learner`. Numbers in the lesson are made for you: `state.json` holds from what, and what is done. Delete it and `home/` to begin anew.',
      '## What is in here',
      tableOf(solutions),
      `By ${course.authors.join(', ')}. Licence: ${course.licence}.`,
    ].join('\n\n') + '\n'
  );
}

const tableOf = (solutions: boolean): string =>
  [
    '| file | is |',
    '|---|---|',
    '| `start`, `check` | the two commands |',
    '| `inside/lessons/LESSON/steps/STEP/` | the checks as scripts |',
    '| `inside/lessons/LESSON/files/` | the files that you are given |',
    '| `inside/kit/*.lock` | the Python packages, with versions and sums |',
    solutions
      ? '| `solutions/LESSON/` | a solution of each step: `bash` or `python` it in `home/` |'
      : '| no solutions | whoever gives the course has them: `palestra take-home --with-solutions` |',
  ].join('\n');

const listsOf = ({ environments }: TakenKit): string =>
  environments.some(({ lists }) => lists.length > 0)
    ? ' (Python packages, the first time: some minutes and a network)'
    : '';

const systemOf = ({ system }: TakenKit): string =>
  system.length === 0
    ? ''
    : `, and of the system (by Debian’s names): ${system.map((one) => one.package).join(', ')}`;
