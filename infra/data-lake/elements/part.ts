/** The storage elements as a part of the lake: three XRootD and the process of their gates. */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { dirname, join } from 'node:path';
import { ensureCertificate } from '../authority/authority.ts';
import {
  healthOf,
  ownFile,
  ownFolder,
  runningServer,
  startServer,
  stopServer,
  untilHealthy,
  type Part,
} from '../part.ts';
import type { ElementPlace, LakePlace } from '../place.ts';
import { idsOf } from '../users.ts';
import { gatesConfiguration } from './gate/configuration.ts';
import { GATES, accessLogOf, faultsFolder, gatesFile, homeOf, rootServerOf, serverOf } from './folders.ts';
import { EXPORT } from './paths.ts';
import {
  rootConfiguration,
  scitokensConfiguration,
  xrootdArgv,
  xrootdConfiguration,
  xrootdEnvironment,
} from './xrootd.ts';

const MAIN = join(import.meta.dirname, 'gate', 'main.ts');

export function elementsPart(place: LakePlace): Part {
  const servers = [...place.elements.flatMap(serversOf), GATES];
  const health = () => healthOf(place, servers, () => askAll(place));
  const part: Part = {
    name: 'elements',
    stage: 'elements',
    packages: ['xrootd-server', 'xrootd-client', 'xrootd-scitokens-plugins'],
    async start() {
      await Promise.all(place.elements.map((element) => startXrootd(place, element)));
      await startGates(place);
      await untilHealthy(place, part, servers);
    },
    health,
    async stop() {
      await stopServer(place, GATES);
      await Promise.all(place.elements.map((element) => stopXrootd(place, element)));
    },
    async reset() {
      for (const element of place.elements)
        await rm(dirname(homeOf(place, element).configuration), { recursive: true, force: true });
      await rm(faultsFolder(place), { recursive: true, force: true });
      await rm(dirname(accessLogOf(place, '')), { recursive: true, force: true });
    },
  };
  return part;
}

/** One element's servers; nothing where they run already with this configuration. */
export async function startXrootd(place: LakePlace, element: ElementPlace): Promise<void> {
  const home = homeOf(place, element);
  const user = place.users.xrootd;
  await layOutElement(place, element);
  const tokens = scitokensConfiguration(place, element);
  await ownFile(home.tokens, tokens, user);
  const certificate = await readFile(home.cert, 'utf8');
  const start = async (name: string, file: string, text: string, cwd: string) => {
    await ownFile(file, text, user);
    await startServer(place, {
      ...{ name, user, cwd },
      argv: xrootdArgv(file, name),
      env: xrootdEnvironment(place, home),
      revision: hashOf([text, tokens, certificate]),
    });
  };
  const authorities = place.authority.folder;
  await start(
    serverOf(element),
    home.configuration,
    xrootdConfiguration(element, home, authorities),
    home.admin,
  );
  const { rootPort } = element;
  const root = rootServerOf(element);
  if (rootPort !== null && root !== null)
    await start(
      root,
      home.rootConfiguration,
      rootConfiguration({ ...element, rootPort }, home, authorities, place.listen),
      home.rootAdmin,
    );
}

export async function stopXrootd(place: LakePlace, element: ElementPlace): Promise<void> {
  await Promise.all(serversOf(element).map((name) => stopServer(place, name)));
}

function serversOf(element: ElementPlace): readonly string[] {
  return [serverOf(element), rootServerOf(element)].filter((name) => name !== null);
}

async function layOutElement(place: LakePlace, element: ElementPlace): Promise<void> {
  const home = homeOf(place, element);
  const user = place.users.xrootd;
  await mkdir(dirname(home.configuration), { recursive: true, mode: 0o711 });
  // keys that an issuer no longer has are believed for hours: another start asks anew
  if ((await runningServer(place, serverOf(element))) === null)
    await rm(home.cache, { recursive: true, force: true });
  for (const folder of [home.data, home.cache, home.admin, home.rootAdmin]) await ownFolder(folder, user);
  // where learners' folders are made: MKCOL makes one folder, not those above it
  for (const folder of [EXPORT, `${EXPORT}/user`]) await ownFolder(join(home.data, folder), user);
  await ensureCertificate(place, { cert: home.cert, key: home.key, host: element.host, user });
}

export async function startGates(place: LakePlace): Promise<void> {
  const { gate } = place.users;
  const ids = gate === null ? null : await idsOf(gate);
  await mkdir(faultsFolder(place), { recursive: true, mode: 0o755 });
  await chmod(faultsFolder(place), 0o755);
  await ownFolder(dirname(accessLogOf(place, '')), gate);
  const configuration = JSON.stringify(
    gatesConfiguration(
      place,
      { faults: faultsFolder(place), accessLogOf: (rse) => accessLogOf(place, rse) },
      ids,
    ),
  );
  await ownFile(gatesFile(place), configuration, gate);
  await startServer(place, {
    name: GATES,
    argv: [process.execPath, MAIN, gatesFile(place)],
    // it becomes its user by itself, once it has read its code: the checkout may be closed to that user
    user: null,
    revision: hashOf([configuration, ...(await codeTexts()), ...(await certificateTexts(place))]),
  });
}

/** Through gate and XRootD, as a learner comes; OPTIONS needs no token. */
export async function askElement(place: LakePlace, element: ElementPlace): Promise<void> {
  const ca = await readFile(place.authority.ca);
  const status = await new Promise<number>((done, fail) => {
    const asked = request({
      ...{ host: '127.0.0.1', port: element.port, servername: element.host, ca },
      ...{ method: 'OPTIONS', path: EXPORT, agent: false, timeout: 2_000 },
      headers: { Host: `${element.host}:${element.port}` },
    });
    asked.once('response', (answer) => {
      answer.resume();
      done(answer.statusCode ?? 0);
    });
    asked.once('timeout', () => asked.destroy(new Error(`${element.rse} does not answer`)));
    asked.once('error', fail);
    asked.end();
  });
  if (status !== 200) throw new Error(`${element.rse} answers ${status}`);
}

async function askAll(place: LakePlace): Promise<string> {
  await Promise.all(place.elements.map((element) => askElement(place, element)));
  return `${place.elements.length} elements answer over https`;
}

/** Of what runs in the gates: a newer checkout starts newer gates. */
async function codeTexts(): Promise<readonly string[]> {
  const names = (await readdir(import.meta.dirname, { recursive: true })).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  return Promise.all(names.sort().map((name) => readFile(join(import.meta.dirname, name), 'utf8')));
}

function certificateTexts(place: LakePlace): Promise<readonly string[]> {
  return Promise.all(
    place.elements.map(({ name }) => readFile(place.authority.certificates[name].cert, 'utf8')),
  );
}

function hashOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  return hash.digest('hex').slice(0, 12);
}
