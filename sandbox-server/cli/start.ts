/** `palestra start`: site, server and development identity provider on one address, with progress for each stage. */
import { mkdir } from 'node:fs/promises';
import { openPalestra, type AuthoringOptions } from '../main.ts';
import { announce, forget, running } from './running.ts';
import { readSettings, ROOT, STATE } from './settings.ts';
import { goFirst } from './precedence.ts';
import { buildSite } from './site-build.ts';
import { stages, type Stages } from './stages.ts';
import { Problem } from '../contract/errors.ts';
import type { StartOptions } from './palestra.ts';

export async function start(options: StartOptions): Promise<void> {
  await serve(options, async (say) => {
    if (options.build) await say.during('the site', () => buildSite(ROOT, say.line));
  });
}

/** @param first what comes before the server. @returns once a signal has ended it. @param authoring `palestra dev` */
export async function serve(
  options: Pick<StartOptions, 'port' | 'config'>,
  first: (say: Stages) => Promise<void>,
  authoring?: AuthoringOptions,
): Promise<void> {
  await refuseTwice();
  goFirst();
  const config = await settingsFrom(options);
  await mkdir(STATE, { recursive: true, mode: 0o755 });
  const say = stages(process.stdout);
  await first(say);
  const palestra = await say.during('the server', () =>
    openPalestra({ root: ROOT, state: STATE, config, ...(authoring === undefined ? {} : { authoring }) }),
  );
  await announce(STATE, { pid: process.pid, url: palestra.url, since: Date.now() });
  say.line(
    `Palestra is at ${palestra.url}   (Ctrl-C ends the server; running labs stay and are found again)`,
  );
  const kits = palestra.kits.watch((kit) => say.line(`kit ${kit.name}: ${kit.text}`));
  let said = '';
  const services = palestra.services.watch(({ name, text }) => {
    if (text !== said) say.line(`service ${name}: ${text}`);
    said = text;
  });
  await signalled();
  kits[Symbol.dispose]();
  services[Symbol.dispose]();
  await say.during('closing', () => palestra.close());
  await forget(STATE);
  process.exit(0);
}

async function refuseTwice(): Promise<void> {
  const other = await running(STATE);
  if (other === null) return;
  throw new Problem(
    'conflict',
    `Palestra already runs at ${other.url} (pid ${other.pid}). End it with: npx palestra stop`,
  );
}

async function settingsFrom(options: Pick<StartOptions, 'port' | 'config'>) {
  const config = await readSettings(options.config);
  return options.port === undefined ? config : { ...config, port: Number(options.port) };
}

function signalled(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
}
