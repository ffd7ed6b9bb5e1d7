/** `palestra prove`: replays lessons in fresh sandboxes of their own and prints, or hands to a program, what it saw. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalogue } from '../catalogue/face.ts';
import { loadGuides } from '../catalogue/guides.ts';
import { loadCatalogue } from '../catalogue/load.ts';
import { withGuides } from '../catalogue/with-guides.ts';
import { changedLessons, prove as replay } from '../checks/prove/index.ts';
import { Problem } from '../contract/errors.ts';
import type { Config } from '../contract/config.ts';
import { DriverSettings } from '../contract/driver.ts';
import { developmentProvider } from '../main.ts';
import { openSandboxRooms } from '../sandbox-rooms.ts';
import { createLog } from '../telemetry/index.ts';
import { changedFiles } from './changed-files.ts';
import type { ProveOptions } from './palestra.ts';
import { recordProofs, writeJunit } from './prove-outputs.ts';
import { proposeOutputs } from './prove-update.ts';
import { readSettings, ROOT, STATE } from './settings.ts';

/** Exit status 1 when a lesson failed. */
export async function prove(lessons: readonly string[], options: ProveOptions): Promise<void> {
  if (options.update && options.record)
    throw new Problem(
      'bad-request',
      '--update changes lessons, and a proof is of a lesson as it stands: prove with --record when you have looked at them.',
    );
  await mkdir(STATE, { recursive: true });
  await using opened = new AsyncDisposableStack();
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const log = createLog({ level: 'warn' });
  const config = withDriver(await readSettings('palestra.yaml'), options.driver);
  const rooms = await openSandboxRooms({ root: ROOT, state: STATE, config }, log, opened);
  const identity = await proofIdentity(config, rooms.overview, opened);
  rooms.kits.watch((kit) => options.json !== true && say(`kit ${kit.name}: ${kit.text}`));
  const guides = await loadGuides(ROOT);
  const known = withGuides(await loadCatalogue(join(ROOT, 'courses'), { services: rooms.known }), guides);
  // proven like courses, though no list shows them
  const catalogue = { ...known, courses: [...known.courses, guides] };
  const named = await namesOf(catalogue, lessons, options.changed);
  if (named === null) return say('No lesson is touched by what has changed.');
  const report = await replay({
    catalogue,
    driver: rooms.driver,
    linkTo: rooms.linkTo,
    kits: rooms.kits,
    services: rooms.services,
    cluster: rooms.cluster,
    identity,
    lessons: named,
    json: options.json ?? false,
    keep: options.keep ?? false,
    mutate: options.mutate ?? false,
    update: options.update ?? false,
    jobs: jobsOf(options.jobs),
    log: say,
    onProgress: ({ done, all, playing }) => {
      if (options.json !== true && all > 1) say(`[${done} of ${all}] ${playing.join(', ')}`.trimEnd());
    },
  });
  await writeJunit(STATE, report);
  if (options.update) (await proposeOutputs(ROOT, catalogue, report)).forEach(say);
  if (options.record) for (const file of await recordProofs(ROOT, catalogue, report)) say(`wrote ${file}`);
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.failed > 0 ? 1 : 0;
}

/** The driver that the settings describe, or another with its defaults. */
function withDriver(config: Config, kind: string | undefined): Config {
  if (kind === undefined || kind === config.driver.kind) return config;
  const driver = DriverSettings.safeParse(kind);
  if (!driver.success)
    throw new Problem('bad-request', `There is no driver ${kind}; there are: local, kubernetes.`);
  return { ...config, driver: driver.data };
}

/** @returns null where nothing is left to prove */
async function namesOf(
  catalogue: Catalogue,
  lessons: readonly string[],
  changed: ProveOptions['changed'],
): Promise<readonly string[] | null> {
  if (changed === undefined) return lessons;
  const files = await changedFiles(ROOT, changed === true ? 'HEAD' : changed);
  const touched = changedLessons(catalogue.courses, files);
  const wanted = touched.filter(
    (name) => lessons.length === 0 || lessons.some((each) => name === each || name.startsWith(`${each}/`)),
  );
  return wanted.length === 0 ? null : wanted;
}

function jobsOf(jobs: string | undefined): number {
  const number = Number(jobs ?? 1);
  if (Number.isInteger(number) && number >= 1 && number <= 64) return number;
  throw new Problem('bad-request', `--jobs takes a number from 1 to 64, not ${jobs ?? ''}.`);
}

/** Proofs play a learner whom no person signs in as: only the development provider makes tokens for one. */
async function proofIdentity(
  config: Config,
  overview: Parameters<typeof developmentProvider>[2],
  opened: AsyncDisposableStack,
) {
  if (config.oidc !== undefined) return undefined;
  const url = config.url ?? `http://localhost:${config.port}`;
  const provider = opened.adopt(
    await developmentProvider(url, STATE, overview, createLog({ level: 'warn' })),
    (p) => p.close(),
  );
  return {
    subject: async (login: string) => (await provider.tokenFor(login, 'palestra', 'openid')).subject,
    token: (login: string, audience: string, scope: string) => provider.tokenFor(login, audience, scope),
  };
}
