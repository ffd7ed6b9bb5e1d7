/** Examples of the authors' verbs, shown by --help; here so that other verbs do not load what those need. */
export const LINT_HELP = `
Exit status: 0 without errors (warnings may be there), 1 with errors.

Examples:
  $ npx palestra lint                           every course and guide
  $ npx palestra lint dask                      one course
  $ npx palestra lint dask/2-graph --json       one lesson, for programs
  $ npx palestra lint --sarif lint.sarif        for a Git host
  $ npx palestra lint --explain unchecked-step  what a rule asks, and why`;
