/** The `palestra` command. Each verb lives in a file of its own and is loaded when it is called. */
import { Command } from 'commander';
import { DEV_HELP, IMPORT_HELP, KIT_HELP, LINT_HELP, NEW_HELP, SCHEMA_HELP } from './author-help.ts';
import type { AccessOptions } from './access.ts';
import { ACCESS_HELP } from './access-help.ts';
import type { DrainOptions } from './drain.ts';
import { DRAIN_HELP } from './drain-help.ts';
import { addExportVerbs } from './export-verbs.ts';
import type { ImportCommand } from './import.ts';
import type { BuildKitOptions, NewKitOptions } from './kit.ts';
import type { LintCommand } from './lint.ts';
import type { NewOptions } from './new.ts';
import { runProgram } from './run-program.ts';

const program = new Command('palestra')
  .enablePositionalOptions()
  .description('Palestra: guides and courses whose pages open live sandboxes')
  .addHelpText(
    'after',
    `
Examples:
  $ npm start                             set up what is missing, then serve on http://localhost:4747
  $ npm run dev                           write lessons: a saved one is on its page in under a second
  $ npx palestra doctor                   what this machine can and cannot do, and what to do about it
  $ npx palestra prove dask               replay a course: every check red before its step, green after
  $ npx palestra prove dask/2-graph --keep --json
  $ npx palestra prove --changed --mutate --record
  $ npx palestra prove dask/1-local-cluster --class 28
  $ npx palestra lake check               token, account, quota, elements: what is wrong, in one table
  $ npx palestra status --json            labs and kits of the running server
  $ npx palestra stop                     end the server and every running sandbox (homes are kept)
  $ npx palestra stop --services          and the services that lessons share, such as the data lake`,
  )
  .showHelpAfterError('(palestra --help shows every verb with examples)');

program
  .command('start')
  .description('serve the site, the sandbox server and the development identity provider on one address')
  .option('--port <port>', 'listen on this port instead of the one in palestra.yaml')
  .option('--config <file>', 'settings to use', 'palestra.yaml')
  .option('--no-build', 'serve dist/ as it is')
  .action(async (options: StartOptions) => (await import('./start.ts')).start(options));

program
  .command('dev')
  .description('start, and show lessons as they are saved; for who has the author role, with an author’s bar')
  .option('--port <port>', 'listen on this port instead of the one in palestra.yaml')
  .option('--config <file>', 'settings to use', 'palestra.yaml')
  .option('--no-build', 'begin with dist/ as it is')
  .addHelpText('after', DEV_HELP)
  .action(async (options: StartOptions) => (await import('./dev.ts')).dev(options));

program
  .command('stop')
  .description('end the server and every running sandbox; homes and progress are kept')
  .option('--services', 'end the services that lessons share as well; their data is kept')
  .action(async (options: { services?: boolean }) => (await import('./stop.ts')).stop(options));

program
  .command('status')
  .description('what runs: the server, its sandboxes, the services that lessons share')
  .option('--json', 'for programs')
  .action(async (options: { json?: boolean }) => (await import('./status.ts')).status(options));

program
  .command('doctor')
  .description('probe what this machine can enforce, or the cluster where sandboxes are pods')
  .option('--config <file>', 'settings to use', 'palestra.yaml')
  .option('--json', 'for programs')
  .action(async (options: { json?: boolean; config: string }) => {
    const { runDoctor } = await import('./doctor/index.ts');
    process.exitCode = await runDoctor({ json: options.json ?? false, config: options.config });
  });

program
  .command('prove')
  .argument('[lesson...]', 'courses or lessons, e.g. dask or dask/2-graph; all of them without')
  .description('replay lessons in fresh sandboxes')
  .option('--driver <name>', 'where sandboxes run: local or kubernetes; default: as the settings say')
  .option('--config <file>', 'settings to use', 'palestra.yaml')
  .option(
    '--changed [ref]',
    'only lessons that differ from a commit (HEAD), or whose kit, service or fixtures do',
  )
  .option('--jobs <n>', 'so many sandboxes at a time', '1')
  .option(
    '--class <n>',
    'rehearse one lesson with so many learners at once: minutes a step, and what runs short first',
  )
  .option('--mutate', 'break solutions and edits on purpose: checks must notice')
  .option('--record', 'write what held to proofs/, for the pages')
  .option('--update', 'write outputs that differ into the lessons, for you to look at')
  .option('--keep', 'leave the sandbox of a failed lesson running')
  .option('--json', 'for programs')
  .action(async (lessons: string[], options: ProveOptions) =>
    (await import('./prove.ts')).prove(lessons, options),
  );

program
  .command('lint')
  .argument('[path...]', 'courses, lessons, folders or Markdown files; every course and guide without')
  .description('what is wrong with courses and guides, before a learner sees it')
  .option('--json', 'for programs')
  .option('--sarif <file>', 'also write SARIF 2.1.0; - is stdout')
  .option('--explain <rule>', 'what a rule asks, and why')
  .addHelpText('after', LINT_HELP)
  .action(async (paths: string[], options: LintCommand) => (await import('./lint.ts')).lint(paths, options));

program
  .command('new')
  .argument('<what>', 'course or lesson')
  .argument('[name]', 'its folder; without one it is asked for')
  .description('a course or a lesson that already passes prove')
  .option('--title <title>', 'as readers see it')
  .option('--kit <kit>', "the course's kit")
  .option('--course <course>', 'where the lesson goes')
  .option('--yes', 'ask nothing')
  .addHelpText('after', NEW_HELP)
  .action(async (what: string, name: string | undefined, options: NewOptions) =>
    (await import('./new.ts')).makeNew(what, name, options),
  );

program
  .command('import')
  .argument('<path>', 'a notebook, a page, or the folder of a scenario')
  .description("others' material as a lesson with draft checks, and what could not be taken over")
  .option('--into <course>', 'courses/NAME or NAME; a new course by its title without')
  .option('--kit <kit>', "a new course's kit")
  .option('--json', 'for programs')
  .addHelpText('after', IMPORT_HELP)
  .action(async (path: string, options: ImportCommand) =>
    (await import('./import.ts')).importPath(path, options),
  );

addExportVerbs(program);

program
  .command('schema')
  .argument('[folder]', "where to; the checkout's own without")
  .description('JSON Schema of course.yaml, of lessons and of messages, for editors')
  .addHelpText('after', SCHEMA_HELP)
  .action(async (folder: string | undefined) => (await import('./new.ts')).schema(folder));

program
  .command('lake')
  .description("the data lake's tools: check, put, get (palestra lake --help)")
  .argument('[words...]')
  .helpOption(false)
  .allowUnknownOption()
  .passThroughOptions()
  .action(async (words: string[]) => {
    const { lake } = await import('./lake/index.ts');
    process.exitCode = await lake(words);
  });

const kit = program
  .command('kit')
  .description("kits of one's own: new, lock, build, test")
  .addHelpText('after', KIT_HELP);
kit
  .command('new')
  .argument('<name>')
  .description('a kit that has all of another, to add to')
  .option('--from <kit>', 'the other', 'base')
  .option('--title <title>', 'as readers see it')
  .action(async (name: string, options: NewKitOptions) => (await import('./kit.ts')).kitNew(name, options));
kit
  .command('lock')
  .argument('<name>')
  .description('its requirements.in as a list with versions and hashes, beside those of the kit it is from')
  .action(async (name: string) => (await import('./kit.ts')).kitLock(name));
kit
  .command('build')
  .argument('<name>')
  .description('prepare it on this machine')
  .option('--image', 'its image as well')
  .option('--load', 'its image, into the dev cluster')
  .action(async (name: string, options: BuildKitOptions) =>
    (await import('./kit.ts')).kitBuild(name, options),
  );
kit
  .command('test')
  .argument('<name>')
  .description('the agent starts in it, and the lessons that use it prove')
  .action(async (name: string) => (await import('./kit.ts')).kitTest(name));

const access = program.command('access').description('who may what, and why');
access
  .command('explain')
  .argument('<user>', 'their short name here, as in $USER of their labs')
  .description('which groups grant what, which lessons, and what the cluster would hold for them')
  .option('--groups <groups>', 'these groups instead of those of their last login, with commas between')
  .option('--config <file>', 'settings to use', 'palestra.yaml')
  .option('--yaml', "the cluster's objects in full, as kubectl apply takes them")
  .option('--json', 'for programs')
  .addHelpText('after', ACCESS_HELP)
  .action(async (user: string, options: AccessOptions) =>
    (await import('./access.ts')).explainAccess(user, options),
  );

program
  .command('drain')
  .argument('<node>', "the cluster's name of it, as in kubectl get nodes")
  .description('have sandboxes leave a node of the cluster: homes saved, learners told, pods ended')
  .option('--namespace <namespace>', 'where sandboxes are pods', 'palestra-sandboxes')
  .option('--kubeconfig <file>', 'an account that may close nodes; default: as kubectl has it')
  .option('--context <name>', 'of the kubeconfig')
  .option('--minutes <n>', 'wait at most so long', '10')
  .option('--json', 'for programs')
  .addHelpText('after', DRAIN_HELP)
  .action(async (node: string, options: DrainOptions) => (await import('./drain.ts')).drain(node, options));

export interface StartOptions {
  readonly port?: string;
  readonly config: string;
  readonly build: boolean;
}
export interface ProveOptions {
  readonly driver?: string;
  /** settings, relative to the checkout; default: palestra.yaml */
  readonly config?: string;
  /** true: since HEAD */
  readonly changed?: string | true;
  readonly jobs?: string;
  readonly class?: string;
  readonly mutate?: boolean;
  readonly record?: boolean;
  readonly update?: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
}

await runProgram(program);
