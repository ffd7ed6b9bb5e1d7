/** The command of the data lake, as `service.yaml` names it; `node lake.ts --help`. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import type { StageLine } from '../../sandbox-server/contract/service.ts';
import { addressOf } from './address.ts';
import { down, reset, status } from './down.ts';
import { lakeOfEnvironment } from './find-place.ts';
import { askSteward } from './steward/client.ts';
import { up } from './up.ts';
import { printer, type Printer } from './print.ts';
import { readArguments } from './steward/arguments.ts';

interface Json {
  readonly json?: boolean;
}

const REPOSITORY = join(import.meta.dirname, '../..');
const place = () => lakeOfEnvironment(process.env, REPOSITORY);

const program = new Command('lake').description(
  'A data lake on this machine: Rucio, three storage elements, a transfer service',
);

verb('up', 'start what does not run; the first time installs it').action(
  acting(async (print) => {
    const began = performance.now();
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => stop.abort(new Error(`ended by ${signal}`)));
    await up(await place(), (line: StageLine) => print.stage(line), stop.signal);
    print.ready(Math.round((performance.now() - began) / 100) / 10);
  }),
);
verb('down', 'end every process of it').action(acting(async () => down(await place())));
verb('reset', 'end it and empty its data; what was installed is kept').action(
  acting(async () => reset(await place())),
);
verb('status', 'which parts run, and what they need').action(
  acting(async (print) => print.status(await status(await place()))),
);
verb('address', 'where it is, also when it is down').action(
  acting(async (print) => {
    const at = await place();
    const made = await access(at.authority.ca).then(
      () => true,
      () => false, // not made, or not for us to see
    );
    print.answer(addressOf(at, made));
  }),
);
verb('admit', 'give a learner an account, a scope and a quota')
  .requiredOption('--user <login>')
  .requiredOption('--sub <sub>', "subject of the learner's tokens")
  .action(
    acting(async (print, { user, sub }: Json & { user: string; sub: string }) =>
      print.answer(await askSteward(await place(), '/admit', { user, sub })),
    ),
  );
verb('dismiss', 'remove what is a learner’s')
  .requiredOption('--user <login>')
  .action(
    acting(
      async (_, { user }: Json & { user: string }) =>
        void (await askSteward(await place(), '/dismiss', { user })),
    ),
  );
verb('verb', 'a fault or a pace for one learner, e.g. verb refuse element=CNAF_USERDISK')
  .argument('<name>')
  .argument('[key=value...]')
  .requiredOption('--user <login>')
  .action(async (name: string, words: string[], options: Json & { user: string }) =>
    acting(async (print) =>
      print.answer(
        await askSteward(await place(), '/verb', {
          name,
          user: options.user,
          arguments: readArguments(words),
        }),
      ),
    )(options),
  );

await program.parseAsync();

function verb(name: string, description: string): Command {
  return program.command(name).description(description).option('--json', 'for programs');
}

/** A failure is the last line, and the exit status says so. */
function acting<Options extends Json>(
  act: (print: Printer, options: Options) => Promise<void>,
): (options: Options) => Promise<void> {
  return async (options) => {
    const print = printer(options.json ?? false);
    try {
      await act(print, options);
    } catch (error) {
      print.failure(error);
      process.exitCode = 1;
    }
  };
}
