/** The command of the dev cluster; `node cluster.ts --help`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import type { StageLine } from '../../sandbox-server/contract/service.ts';
import { printer, type Printer } from '../machine/print.ts';
import type { Settings } from './configuration/settings.ts';
import { down, reset, status } from './down.ts';
import { clusterOfEnvironment } from './find-place.ts';
import { ownKubeconfig } from './own-cluster.ts';
import { toolPath } from './tools.ts';
import { provideBinaries } from './binaries/provide.ts';
import { RECIPES, type BinaryName } from './binaries/recipes.ts';
import { stagedBy } from '../machine/staged.ts';
import { LABELS } from './box/stages.ts';
import { up } from './up.ts';

interface Json {
  readonly json?: boolean;
}
interface UpOptions extends Json {
  readonly oidcIssuer?: string;
  readonly oidcCa?: string;
  readonly oidcAudience?: string;
  readonly oidcDiscovery?: string;
}

const REPOSITORY = join(import.meta.dirname, '../..');
const place = () => clusterOfEnvironment(process.env, REPOSITORY);

const program = new Command('cluster').description('A Kubernetes of one node on this machine');

verb('up', 'start what does not run; the first time builds it')
  .option('--oidc-issuer <url>', 'whose tokens the API server takes too; "none": nobody’s')
  .option('--oidc-ca <file>', 'PEM file of the authority of its certificate')
  .option('--oidc-audience <name>', 'what its tokens must be for', 'palestra-cluster')
  .option('--oidc-discovery <url>', 'its discovery document, when it is not below the issuer')
  .action(
    acting(async (print, options: UpOptions) => {
      const began = performance.now();
      const change = await changeOf(options);
      await up(place(), change, (line: StageLine) => print.stage(line), endedBySignal());
      print.ready(Math.round((performance.now() - began) / 100) / 10);
    }),
  );
verb('down', 'end it; nothing of it is left on the machine').action(acting(async () => down(place())));
verb('reset', 'end it and forget its data; certificates and binaries are kept').action(
  acting(async () => reset(place())),
);
verb('status', 'which parts run, and what they need').action(
  acting(async (print) => print.status(await status(place()))),
);
verb('build', 'build the binaries that are missing, helm too').action(
  acting(async (print) => {
    const names = Object.keys(RECIPES) as BinaryName[];
    await provideBinaries(
      place().cache,
      names,
      stagedBy(LABELS, (line) => print.stage(line)),
      endedBySignal(),
    );
  }),
);
verb('kubeconfig', 'which kubeconfig is used')
  .option('--context <name>', 'one of your own, as a file of its own')
  .action(
    acting(async (print, { context }: Json & { context?: string }) => {
      const at = place();
      print.answer(
        context === undefined
          ? { kubeconfig: at.kubeconfig, context: at.name }
          : await ownKubeconfig(at, context, await toolPath(at, 'kubectl'), process.env),
      );
    }),
  );
program
  .command('tool')
  .description('path of kubectl, helm or ctr')
  .argument('<name>')
  .action(async (name: string) => acting(async () => say(await toolPath(place(), name)))({}));

await program.parseAsync();

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function verb(name: string, description: string): Command {
  return program.command(name).description(description).option('--json', 'for programs');
}

async function changeOf({
  oidcIssuer,
  oidcCa,
  oidcAudience,
  oidcDiscovery,
}: UpOptions): Promise<Partial<Settings>> {
  if (oidcIssuer === undefined) return {};
  if (oidcIssuer === 'none') return { oidc: null };
  return {
    oidc: {
      issuer: oidcIssuer,
      audience: oidcAudience ?? 'palestra-cluster',
      ...(oidcCa === undefined ? {} : { ca: await readFile(oidcCa, 'utf8') }),
      ...(oidcDiscovery === undefined ? {} : { discoveryUrl: oidcDiscovery }),
    },
  };
}

function endedBySignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop.abort(new Problem('unavailable', `ended by ${signal}`)));
  return stop.signal;
}

/** A failure is the last line, and the exit status says so. */
function acting<Options extends Json>(
  act: (print: Printer, options: Options) => Promise<void>,
): (options: Options) => Promise<void> {
  return async (options) => {
    const print = printer('The cluster', options.json ?? false);
    try {
      await act(print, options);
    } catch (error) {
      print.failure(error);
      process.exitCode = 1;
    }
  };
}
