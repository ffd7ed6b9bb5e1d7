/** What proofs and rehearsals are played in: the driver that was asked for, every lesson and guide, and accounts to play. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalogue } from '../catalogue/face.ts';
import { loadGuides } from '../catalogue/guides.ts';
import { loadCatalogue, type LoadOptions } from '../catalogue/load.ts';
import { withGuides } from '../catalogue/with-guides.ts';
import type { Config } from '../contract/config.ts';
import { DriverSettings } from '../contract/driver.ts';
import { Problem } from '../contract/errors.ts';
import { developmentProvider } from '../main.ts';
import { openSandboxRooms } from '../sandbox-rooms.ts';
import { createLog } from '../telemetry/index.ts';
import { readSettings, ROOT, STATE } from './settings.ts';

export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** @throws Problem `bad-request` for a driver that there is not */
export async function openProofRooms(
  options: { readonly driver?: string; readonly config?: string; readonly json?: boolean },
  opened: AsyncDisposableStack,
) {
  await mkdir(STATE, { recursive: true });
  const config = withDriver(await readSettings(options.config ?? 'palestra.yaml'), options.driver);
  const place = { root: ROOT, state: STATE, config };
  const rooms = await openSandboxRooms(place, createLog({ level: 'warn' }), opened);
  const identity = await proofIdentity(config, rooms.overview, opened);
  rooms.kits.watch((kit) => options.json !== true && say(`kit ${kit.name}: ${kit.text}`));
  const { driver, linkTo, kits, services, cluster, known } = rooms;
  return {
    catalogue: await everything({ services: known }),
    driver,
    linkTo,
    kits,
    services,
    cluster,
    identity,
  };
}

/** Guides are proven like courses, though no list shows them. */
async function everything(options: LoadOptions): Promise<Catalogue> {
  const guides = await loadGuides(ROOT);
  const known = withGuides(await loadCatalogue(join(ROOT, 'courses'), options), () => guides);
  return { ...known, courses: [...known.courses, guides] };
}

/** The driver that the settings describe, or another with its defaults. */
function withDriver(config: Config, kind: string | undefined): Config {
  if (kind === undefined || kind === config.driver.kind) return config;
  const driver = DriverSettings.safeParse(kind);
  if (!driver.success)
    throw new Problem('bad-request', `There is no driver ${kind}; there are: local, kubernetes.`);
  return { ...config, driver: driver.data };
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
