/** The data lake's image: what its parts need of Debian and Rucio's environment below, this checkout's code on top. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../sandbox-server/sandboxes/local/bundle.ts';
import { IMAGE_PREFIX } from '../../sandbox-server/sandboxes/local/kits/refused.ts';
import { assemble } from '../data-lake/assembly.ts';
import { BASE_PORT, lakePlace } from '../data-lake/place.ts';
import { ENVIRONMENT, LOCK } from '../data-lake/rucio/ground.ts';
import { openToAll } from './agent-parts.ts';
import { provideBase, withClientsFile, type Workshop } from './base.ts';
import { contentHash, folderHash } from './content.ts';
import { finishImage, findKept, type Kept } from './kept.ts';
import { FETCHED, uvHere } from './kit-image.ts';
import { ROOT } from './place.ts';
import { gatherPrograms } from './server-parts.ts';

const NAME = 'data-lake';
const FOLDER = 'infra/data-lake';
/** what a pod runs, and what parts start by their path */
const PROGRAMS = ['pod/main.ts', 'lake.ts', 'elements/gate/main.ts', 'issuer/serve.ts', 'transfer/main.ts'];

/** @returns the image, built where nothing of the same content is kept */
export async function provideLakeImage(shop: Workshop, root = ROOT): Promise<Kept & { built: boolean }> {
  const below = await provideBase(shop);
  const context = await mkdtemp(join(tmpdir(), 'palestra-lake-image-'));
  try {
    const [app, make] = [join(context, 'app'), join(context, 'make')];
    for (const folder of [app, make]) await mkdir(folder);
    const programs = [...PROGRAMS, 'steward/main.ts'].map((path) => `${FOLDER}/${path}`);
    const beside = [FOLDER, 'package.json', 'LICENSE'];
    const npm = await gatherPrograms(root, app, { programs, beside, resolved: [] });
    await openToAll(app);
    await layMake(make);
    const containerfile = join(import.meta.dirname, 'data-lake/Containerfile');
    const text = await readFile(containerfile, 'utf8');
    const content = contentHash(below.content, text, await folderHash(make));
    await cp(await uvHere(shop, join(ROOT, 'infra/kits')), join(make, 'uv'));
    const hash = contentHash(content, await folderHash(app));
    const kept = await findKept(shop.place, NAME, hash);
    if (kept !== null) return { ...kept, built: false };
    const began = performance.now();
    const reference = `${IMAGE_PREFIX}${NAME}:${hash}`;
    const args = { BASE: below.reference, CONTENT: content };
    await shop.stage('the image of the data lake', () =>
      withClientsFile({ apt: shop.base === null, more: { UV_CACHE_DIR: FETCHED } }, (clients) =>
        shop.buildah.build({
          ...{ reference, containerfile, context, args, clients },
          volumes: { [shop.packages]: FETCHED },
        }),
      ),
    );
    const image = { name: NAME, hash, reference, npm, began };
    const made = await shop.stage('its archive and bill of materials', () => finishImage(shop, image));
    return { ...made, built: true };
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** The program that installs, and what it installs. */
async function layMake(folder: string): Promise<void> {
  const place = lakePlace({ root: '/', port: BASE_PORT, idp: '/', asRoot: false, temporary: '/' });
  const packages = [...new Set(assemble(place).flatMap(({ part }) => part.packages))].toSorted();
  const make = { packages, environment: ENVIRONMENT, port: BASE_PORT };
  await writeFile(join(folder, 'make.json'), JSON.stringify(make));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'lake.js'), await bundle(join(import.meta.dirname, 'inside/lake.ts')));
  await cp(LOCK, join(folder, 'requirements.lock'));
}
