/** `palestra lint`: what a reader of Markdown cannot see, before a learner does. Exit status 1 on errors. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeReport, explain, lint as look, RULE_IDS, toSarif } from '../authoring/index.ts';
import type { LintReport, RuleId } from '../authoring/index.ts';
import { Problem } from '../contract/errors.ts';
import { findServices, withSettings } from '../services/index.ts';
import { readSettings, ROOT } from './settings.ts';

export interface LintCommand {
  readonly json?: boolean;
  /** a file, or `-` for stdout */
  readonly sarif?: string;
  readonly explain?: string;
}

export async function lint(paths: readonly string[], options: LintCommand): Promise<void> {
  if (options.explain !== undefined) return print(explain(ruleOf(options.explain)));
  if (options.json === true && options.sarif === '-')
    throw new Problem(
      'bad-request',
      'Only one of --json and --sarif - can be written to stdout. Name a file for SARIF.',
    );
  const services = await knownServices();
  const report = await look({ root: ROOT, paths, from: process.cwd(), services });
  await tell(report, options);
  process.exitCode = report.errors > 0 ? 1 : 0;
}

async function tell(report: LintReport, { json, sarif }: LintCommand): Promise<void> {
  if (sarif !== undefined) {
    const text = `${JSON.stringify(toSarif(report.findings, await versionOfPalestra()), null, 2)}\n`;
    if (sarif === '-') return print(text.trimEnd());
    await writeFile(sarif, text).catch((cause: Error) => {
      throw new Problem('bad-request', `The SARIF file cannot be written: ${cause.message}`, { cause });
    });
  }
  print(
    json === true
      ? JSON.stringify(report, null, 2)
      : describeReport(report, process.stdout.isTTY && !process.env['NO_COLOR']),
  );
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

function ruleOf(name: string): RuleId {
  const rule = RULE_IDS.find((each) => each === name);
  if (rule !== undefined) return rule;
  throw new Problem('bad-request', `There is no rule ${name}; there are: ${RULE_IDS.join(', ')}.`);
}

async function knownServices() {
  const config = await readSettings('palestra.yaml');
  const services = withSettings(await findServices(ROOT), config.services, ROOT);
  return services.map(({ file: { name, verbs } }) => ({ name, verbs }));
}

async function versionOfPalestra(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return version;
}
