/** What an author got wrong, with the place, what was expected and where to read about it. */
import { Problem } from '../contract/errors.ts';

export interface Mistake {
  /** path as the author knows it, from the courses' folder on */
  readonly file: string;
  /** counts from 1 */
  readonly line: number;
  readonly message: string;
  readonly expected: string;
  readonly received: string;
  /** where to read: a section of docs/course-format.md */
  readonly read: string;
}

/** Where each rule is explained. */
export const READ = {
  folders: 'docs/course-format.md#folders',
  front: 'docs/course-format.md#a-lesson',
  fences: 'docs/course-format.md#fences',
  containers: 'docs/course-format.md#containers',
  steps: 'docs/course-format.md#steps',
  guides: 'docs/course-format.md#guides',
} as const;

/** All mistakes of all courses at once: an author mends a lesson in one round, not in ten. */
export class CourseError extends Problem {
  readonly mistakes: readonly Mistake[];
  constructor(mistakes: readonly Mistake[]) {
    super('bad-request', describeAll(mistakes));
    this.name = 'CourseError';
    this.mistakes = mistakes;
  }
}

/** One mistake as an author reads it: `file:line` first, so that editors make it a link. */
export function describe(mistake: Mistake): string {
  return [
    `${mistake.file}:${mistake.line}: ${mistake.message}`,
    `  expected: ${mistake.expected}`,
    `  received: ${clip(mistake.received)}`,
    `  read:     ${mistake.read}`,
  ].join('\n');
}

function describeAll(mistakes: readonly Mistake[]): string {
  const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`;
  return `${count} in the courses:\n${mistakes.map(describe).join('\n')}`;
}

const clip = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
