/** Builds images of kits, and the server's: `node infra/images/build.ts --help`. */
import { Command } from 'commander';
import { runProgram } from '../../sandbox-server/cli/run-program.ts';
import { stages } from '../../sandbox-server/cli/stages.ts';
import { buildImages, type BuiltImage } from './images.ts';

interface Options {
  readonly load?: boolean;
  readonly json?: boolean;
  readonly base?: string;
}

const program = new Command('build')
  .description(
    'images of kits for a cluster, the server’s and the data lake’s: an OCI archive and a bill of materials each',
  )
  .argument('[name...]', 'kits, `server`, or `data-lake`; every kit without')
  .option('--load', "import them into the dev cluster's containerd")
  .option('--base <image>', 'a Debian or Ubuntu to stand on, fetched; without one it is made of packages')
  .option('--json', 'for programs')
  .addHelpText(
    'after',
    `
What went in names an image: the same lists, files, agent and base give the same tag, and nothing is built again.
Archives, bills of materials and index.json are in .palestra/images/.

Examples:
  $ node infra/images/build.ts                     every kit
  $ node infra/images/build.ts dask --load         one, into the dev cluster
  $ node infra/images/build.ts server --json       the server's own
  $ node infra/images/build.ts --base docker.io/library/debian:bookworm-slim`,
  );

program.action(async (names: string[], options: Options) => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop.abort(new Error(`ended by ${signal}`)));
  const progress = stages(process.stderr);
  const built = await buildImages({
    names,
    base: options.base ?? null,
    load: options.load ?? false,
    stage: (name, work) => progress.during(name, work),
    say: progress.line,
    signal: stop.signal,
  });
  process.stdout.write(options.json === true ? `${JSON.stringify(built, null, 2)}\n` : tableOf(built));
});

function tableOf(built: readonly BuiltImage[]): string {
  const rows = built.map(({ reference, bytes, unpacked, seconds, built: now }) => [
    reference,
    `${megabytes(bytes)} MB`,
    `${megabytes(unpacked)} MB unpacked`,
    now ? `built in ${seconds} s` : 'was there',
  ]);
  const widths = [0, 1, 2, 3].map((at) => Math.max(0, ...rows.map((row) => (row[at] ?? '').length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

await runProgram(program);
