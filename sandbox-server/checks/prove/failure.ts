/** A lesson that does not hold, as its author needs to see it. */
import type { Place } from '../../contract/lesson.ts';

export interface FailureFacts {
  /** the fence at fault */
  readonly place: Place;
  readonly command?: string;
  /** the end of what it printed */
  readonly output?: string;
}

/** Thrown inside a step and caught by its proof; everything else that is thrown is a fault of ours. */
export class LessonFailure extends Error {
  readonly facts: FailureFacts;
  constructor(message: string, facts: FailureFacts) {
    super(message);
    this.name = 'LessonFailure';
    this.facts = facts;
  }
}

/** Message, place, command and last output, each on lines of its own. */
export function describeFailure({ message, facts }: LessonFailure): string {
  const { place, command, output } = facts;
  return [
    message,
    `at ${place.file}:${place.line}`,
    ...block('command', command),
    ...block('last output', output),
  ].join('\n');
}

function block(name: string, text: string | undefined): string[] {
  const lines = text?.trimEnd().split('\n') ?? [];
  return text === undefined || text.trim() === ''
    ? []
    : [`${name}:`, ...lines.slice(-20).map((line) => `  ${line}`)];
}
