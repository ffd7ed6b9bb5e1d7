/** A lesson that does not hold: what a fence did that it should not, as its author and its learner need to read it. */
import { Problem } from '../contract/errors.ts';
import type { Place } from '../contract/lesson.ts';
import { printable } from '../telemetry/index.ts';
import { at } from './script.ts';

export interface FailureFacts {
  /** the fence at fault */
  readonly place: Place;
  readonly command?: string;
  /** the end of what it printed */
  readonly output?: string;
  /** lines of what a lesson shows and what there is, with `-` and `+` */
  readonly difference?: string;
}

/** As a `Problem` it speaks to a learner, in one sentence; `said` and `facts` are the author's. */
export class LessonFailure extends Problem {
  readonly said: string;
  readonly facts: FailureFacts;
  constructor(said: string, facts: FailureFacts) {
    super('internal', forLearner(said, facts), { details: { place: facts.place } });
    this.name = 'LessonFailure';
    this.said = said;
    this.facts = facts;
  }
}

function forLearner(said: string, { place, output = '' }: FailureFacts): string {
  const last = output.trim().split('\n').at(-1)?.trim() ?? '';
  const what = `${said.replace(/\.$/, '')} (${at(place)})${last === '' ? '.' : `: ${last}.`}`;
  return printable(`${what} Try again; if it stays, tell whoever runs the course.`);
}

/** Message, place, command and last output, each on lines of its own. */
export function describeFailure({ said, facts }: LessonFailure): string {
  const { place, command, output, difference } = facts;
  return [
    said,
    `at ${at(place)}`,
    ...block('command', command),
    ...block('last output', output),
    ...block('difference', difference),
  ].join('\n');
}

function block(name: string, text: string | undefined): string[] {
  const lines = text?.trimEnd().split('\n') ?? [];
  return text === undefined || text.trim() === ''
    ? []
    : [`${name}:`, ...lines.slice(-20).map((line) => `  ${line}`)];
}
