/**
 * `npm run bench -- [name…] [--json] [--rounds N]`: side-by-side measurements. Exit 0 also where a goal is missed: a
 * figure is not a test. Without a name, lists what there is.
 */
import { cpus, totalmem } from 'node:os';
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { show, type Report, type Row } from './table.ts';

/** A bench measures `rounds` interleaved rounds and tells what it is doing meanwhile. */
export interface Bench {
  readonly says: string;
  readonly rounds: number;
  run(rounds: number, say: (line: string) => void): Promise<readonly Row[]>;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const known = readdirSync(import.meta.dirname).flatMap((f) => /^(.+)\.bench\.ts$/.exec(f)?.[1] ?? []);

if (values.help || positionals.length === 0) await list();
else for (const name of positionals) await measure(name);

async function list(): Promise<void> {
  process.stdout.write('npm run bench -- NAME… [--json] [--rounds N]     e.g. npm run bench -- echo start\n');
  for (const name of known) process.stdout.write(`  ${name.padEnd(12)} ${(await load(name)).says}\n`);
}

async function measure(name: string): Promise<void> {
  if (!known.includes(name)) {
    process.stderr.write(`No bench is called ${name}. There are: ${known.join(', ')}\n`);
    process.exitCode = 2;
    return;
  }
  const bench = await load(name);
  const rounds = Number(values.rounds ?? bench.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    process.stderr.write(`--rounds takes a number from 1, not ${values.rounds ?? ''}\n`);
    process.exitCode = 2;
    return;
  }
  const rows = await bench.run(rounds, (line) => process.stderr.write(`  ${name}: ${line}\n`));
  const report: Report = {
    name,
    rounds,
    machine: `${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}`,
    rows,
  };
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : `${show(report)}\n`);
}

async function load(name: string): Promise<Bench> {
  return ((await import(`./${name}.bench.ts`)) as { bench: Bench }).bench;
}
