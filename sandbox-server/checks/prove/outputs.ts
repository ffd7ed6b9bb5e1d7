/** What commands really print beside what the lesson shows: a difference fails the proof, or becomes a proposal. */
import { diff } from 'node:util';
import { z } from 'zod';
import { masked, unfilled } from '../../catalogue/shown-output.ts';
import { Place } from '../../contract/lesson.ts';
import type { RunFence, ShownOutput } from '../../contract/lesson.ts';
import { LessonFailure } from '../lesson-failure.ts';
import type { Learner } from './learner.ts';

/** An output that should stand in the lesson instead. */
export const NewOutput = z.object({
  /** id of the run that it stands under */
  run: z.string(),
  /** of the block as it is */
  place: Place,
  text: z.string(),
});
export type NewOutput = z.infer<typeof NewOutput>;

/** The learner, whose outputs are looked at. @param propose told of what differs; absent: it fails the lesson */
export function comparing(learner: Learner, propose?: (output: NewOutput) => void): Learner {
  return {
    ...learner,
    onPrinted({ mask = [] }, run, printed) {
      const { output: shown } = run;
      if (shown === undefined) return;
      if (printed === null) throw tooMuch(run, shown);
      const expected = learner.workshop.filled(shown.text, shown.place);
      const lines = { before: masked(expected, mask), after: masked(printed, mask) };
      if (lines.before === lines.after) return;
      if (propose === undefined) throw differs(run, shown, lines);
      propose({ run: run.id, place: shown.place, text: unfilled(lines.after, learner.filling()) });
    },
  };
}

interface Lines {
  readonly before: string;
  readonly after: string;
}

function differs({ code }: RunFence, { place }: ShownOutput, { before, after }: Lines): LessonFailure {
  return new LessonFailure(
    'The command does not print this any more. Where it is right now, prove --update writes it here.',
    { place, command: code, difference: differenceOf(before.split('\n'), after.split('\n')) },
  );
}

const tooMuch = ({ code }: RunFence, { place }: ShownOutput): LessonFailure =>
  new LessonFailure('The command prints more than a terminal keeps, so that no output can be shown of it.', {
    place,
    command: code,
  });

/** Lines of both as patches show them: what is gone before what came. */
function differenceOf(before: readonly string[], after: readonly string[]): string {
  const lines: string[] = [];
  let came: string[] = [];
  // util.diff counts from its second argument to its first
  for (const [sign, line] of diff([...after], [...before])) {
    if (sign > 0) came.push(`+ ${line}`);
    else if (sign < 0) lines.push(`- ${line}`);
    else {
      lines.push(...came, `  ${line}`);
      came = [];
    }
  }
  return [...lines, ...came].map((line) => line.trimEnd()).join('\n');
}
