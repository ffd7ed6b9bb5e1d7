/** The server's own image: named by what goes in, like a kit's. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IMAGE_PREFIX } from '../../sandbox-server/sandboxes/local/kits/refused.ts';
import { openToAll } from './agent-parts.ts';
import { provideBase, type Workshop } from './base.ts';
import { contentHash, folderHash } from './content.ts';
import { finishImage, findKept, type Kept } from './kept.ts';
import { ROOT } from './place.ts';
import { gatherServer } from './server-parts.ts';

const NAME = 'server';

/** @returns the image, built where nothing of the same content is kept */
export async function provideServerImage(shop: Workshop, root = ROOT): Promise<Kept & { built: boolean }> {
  const below = await provideBase(shop);
  const context = await mkdtemp(join(tmpdir(), 'palestra-server-'));
  try {
    const app = join(context, 'app');
    await mkdir(app);
    const npm = await gatherServer(root, app);
    await openToAll(app);
    const containerfile = join(import.meta.dirname, 'server/Containerfile');
    const hash = contentHash(below.content, await readFile(containerfile, 'utf8'), await folderHash(app));
    const kept = await findKept(shop.place, NAME, hash);
    if (kept !== null) return { ...kept, built: false };
    const began = performance.now();
    const reference = `${IMAGE_PREFIX}${NAME}:${hash}`;
    await shop.stage('the image of the server', () =>
      shop.buildah.build({ reference, containerfile, context, args: { BASE: below.reference } }),
    );
    const image = { name: NAME, hash, reference, npm, began };
    const made = await shop.stage('its archive and bill of materials', () => finishImage(shop, image));
    return { ...made, built: true };
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}
