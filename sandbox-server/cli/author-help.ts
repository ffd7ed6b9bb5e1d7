/** Examples of the authors' verbs, shown by --help; here so that other verbs do not load what those need. */
export const DEV_HELP = `
A saved lesson.md is on its open page in under a second: same place, same sandbox, and the checks that changed run
again. One with a mistake is named with file and line, and stays as it last was whole. A new title, lesson or course,
and whatever is saved in site/, builds the site again (about 20 s) and loads the page again.

Sign in as Emmy Noether to be an author (palestra.yaml: groups): the author's bar above a lesson shows each step's
check, and plays the lesson up to a step or goes back to one.

Examples:
  $ npm run dev                          http://localhost:4747
  $ npx palestra dev --port 4800         on another port`;

export const LINT_HELP = `
Exit status: 0 without errors (warnings may be there), 1 with errors.

Examples:
  $ npx palestra lint                           every course and guide
  $ npx palestra lint dask                      one course
  $ npx palestra lint dask/2-graph --json       one lesson, for programs
  $ npx palestra lint --sarif lint.sarif        for a Git host
  $ npx palestra lint --explain unchecked-step  what a rule asks, and why`;

export const NEW_HELP = `
The new lesson passes palestra prove as it stands. Nothing is ever overwritten.

Examples:
  $ npx palestra new course                                             asks for title, folder and kit
  $ npx palestra new course spectra --title "Spectra by hand" --kit base --yes
  $ npx palestra new lesson peaks --course spectra --yes                courses/spectra/2-peaks`;

export const SCHEMA_HELP = `
New files name these schemas in their first line; editors with a YAML language server complete and check by them.

Examples:
  $ npx palestra schema               after a change of the format: writes the checkout's own
  $ npx palestra schema ../schemas    a copy elsewhere`;

export const IMPORT_HELP = `
Takes a Jupyter notebook (.ipynb), a page of MkDocs, Jupyter Book/MyST or Carpentries (.md), or the folder of a
Killercoda scenario. Steps come with draft checks, marked TODO review. What could not be taken over is listed.

Examples:
  $ npx palestra import analysis.ipynb
  $ npx palestra import docs/first-job.md --into courses/cluster
  $ npx palestra import scenarios/git-basics --into git --json`;

export const KIT_HELP = `
A kit of one's own is from another: it has all of it, and adds files, packages and variables.

Examples:
  $ npx palestra kit new spectra --from dask      infra/kits/spectra, which builds as it stands
  $ npx palestra kit lock spectra                 its requirements.in, with versions and hashes
  $ npx palestra kit build spectra                on this machine
  $ npx palestra kit build spectra --load         and its image, into the dev cluster
  $ npx palestra kit test spectra                 the agent starts in it, its lessons prove`;
