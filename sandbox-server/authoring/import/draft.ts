/** A lesson as import makes it, and what could not be taken over. */

/** Nothing is dropped in silence: each thing that is not as it was is one of these. */
export interface Left {
  /** as the author named it, or lesson.md for what is to be mended there */
  readonly file: string;
  readonly line: number;
  readonly what: string;
  /** what stands there now, or what to do */
  readonly now: string;
}
export interface DraftFile {
  /** POSIX, relative to the lesson's folder */
  readonly path: string;
  readonly content: Uint8Array;
}
export interface Draft {
  readonly title: string;
  readonly minutes: number;
  readonly questions: readonly string[];
  readonly objectives: readonly string[];
  readonly keypoints: readonly string[];
  readonly body: string;
  readonly files: readonly DraftFile[];
  readonly left: readonly Left[];
}

/** A fence that its code cannot end. */
export function fence(info: string, code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}${info}\n${code.replace(/\n+$/, '')}\n${ticks}`;
}

/** A check that says no until somebody has written it: prove stays red there. */
export function draftCheck(shown: string): string {
  const remarks = shown
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 8)
    .map((line) => `#   ${line.slice(0, 100)}`);
  return fence(
    'bash check',
    [
      '# TODO review: look at what the learner should have now (a file, a service, a result)',
      ...(remarks.length > 0 ? ['# the original showed:', ...remarks] : []),
      'echo "This check is a draft: nobody has written yet what it looks for."; exit 1',
    ].join('\n'),
  );
}
