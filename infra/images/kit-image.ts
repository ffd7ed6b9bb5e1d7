/** A kit's image: the environment on the image below, then the agent on top, so that a change of the agent costs seconds. */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { bundle } from '../../sandbox-server/sandboxes/local/bundle.ts';
import type { KitDefinition } from '../../sandbox-server/sandboxes/local/kits/kit-file.ts';
import { findPython } from '../../sandbox-server/sandboxes/local/kits/python.ts';
import { IMAGE_PREFIX } from '../../sandbox-server/sandboxes/local/kits/refused.ts';
import { provideUv } from '../../sandbox-server/sandboxes/local/kits/uv.ts';
import type { AgentParts } from './agent-parts.ts';
import { withClientsFile, type Below, type Workshop } from './base.ts';
import { foreignStages } from './containerfile.ts';
import { contentHash, kitContent } from './content.ts';
import { findKept, finishImage, type Kept } from './kept.ts';
import { kitJson } from './kit-json.ts';

/** a folder that every Debian has, so that nothing is left of it */
export const FETCHED = '/srv';

export interface KitImage {
  readonly kit: KitDefinition;
  /** folder with a folder for each kit */
  readonly kits: string;
  readonly below: Below;
  /** null: the image below has them already, because it is another kit's */
  readonly agent: AgentParts | null;
  /** packages of npm that it has, for the bill */
  readonly npm: AgentParts['npm'];
}

/** @returns the image, built where nothing of the same content is kept */
export async function provideKitImage(shop: Workshop, image: KitImage): Promise<Kept & { built: boolean }> {
  const { name, title } = image.kit;
  const plan = await planOf(image);
  const kept = await findKept(shop.place, name, plan.hash);
  if (kept !== null) return { ...kept, built: false };
  const began = performance.now();
  await shop.stage(`the image of ${title}`, () => build(shop, image, plan));
  const made = await shop.stage('its archive and bill of materials', () =>
    finishImage(shop, { name, hash: plan.hash, reference: plan.reference, npm: image.npm, began }),
  );
  return { ...made, built: true };
}

interface Plan {
  readonly containerfile: string;
  readonly program: string;
  /** names the environment */
  readonly content: string;
  /** names the image */
  readonly hash: string;
  readonly reference: string;
}

/** What decides the image's name. A kit's own Containerfile goes before that of all. @throws Problem `bad-request` for a Containerfile that begins elsewhere */
async function planOf({ kit, kits, below, agent }: KitImage): Promise<Plan> {
  const own = join(kits, kit.name, 'Containerfile');
  const containerfile = existsSync(own) ? own : join(kits, 'Containerfile');
  const text = await readFile(containerfile, 'utf8');
  const [foreign] = foreignStages(text);
  if (foreign !== undefined)
    throw new Problem(
      'bad-request',
      `${containerfile}: FROM ${foreign}: an image of a kit begins FROM \${BASE}`,
    );
  const program = await bundle(join(import.meta.dirname, 'inside/kit.ts'));
  const uv = await readFile(join(kits, 'uv.lock'), 'utf8');
  const content = contentHash(below.content, kitContent(kit), text, program, uv);
  const hash = contentHash(content, agent?.hash, kitJson(kit));
  return { containerfile, program, content, hash, reference: `${IMAGE_PREFIX}${kit.name}:${hash}` };
}

async function build(shop: Workshop, image: KitImage, plan: Plan): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), `palestra-${image.kit.name}-`));
  try {
    await layMake(shop, image, plan, join(context, 'make'));
    const palestra = join(context, 'palestra');
    if (image.agent === null) await mkdir(palestra);
    else await cp(image.agent.folder, palestra, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(palestra, 'kit.json'), kitJson(image.kit), { mode: 0o644 });
    await withClientsFile({ apt: shop.base === null, more: { UV_CACHE_DIR: FETCHED } }, (clients) =>
      shop.buildah.build({
        reference: plan.reference,
        containerfile: plan.containerfile,
        context,
        args: { BASE: image.below.reference, CONTENT: plan.content },
        labels: { PALESTRA_KIT: image.kit.name, PALESTRA_CONTENT: plan.hash },
        clients,
        volumes: { [shop.packages]: FETCHED },
      }),
    );
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** The program that fills /opt/kit, the kit's lists as files, and uv. */
async function layMake(shop: Workshop, { kit, kits }: KitImage, plan: Plan, folder: string): Promise<void> {
  await mkdir(folder);
  let count = 0;
  const lists = async (all: KitDefinition['environments'][number]['lists']) =>
    Promise.all(
      all.map(async ({ text }) => {
        const name = `list-${(count += 1)}.lock`;
        await writeFile(join(folder, name), text);
        return { path: `/mnt/${name}`, text };
      }),
    );
  const environments = [];
  for (const one of kit.environments) environments.push({ ...one, lists: await lists(one.lists) });
  await writeFile(join(folder, 'kit.json'), JSON.stringify({ ...kit, environments }));
  await writeFile(join(folder, 'kit.js'), plan.program);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  if (environments.some((one) => one.lists.length > 0))
    await cp(await uvHere(shop, kits), join(folder, 'uv'));
}

/** uv, as a file to lay into a build. */
export async function uvHere({ place, signal }: Workshop, kits: string): Promise<string> {
  const python = await findPython();
  if (python === null)
    throw new Problem(
      'kit-missing',
      'Building images needs Python 3.11 or newer: sudo apt-get install python3 python3-venv',
    );
  return provideUv({ tools: place.tools, lock: join(kits, 'uv.lock'), python: python.path, signal });
}
