/** Builds what was asked for, in an order in which each image's base is there. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { readKits, type KitDefinition } from '../../sandbox-server/sandboxes/local/kits/kit-file.ts';
import { withPrograms } from '../../sandbox-server/sandboxes/local/kits/own-programs.ts';
import { provideSystem } from '../../sandbox-server/sandboxes/local/kits/system.ts';
import { gatherAgent, type AgentParts } from './agent-parts.ts';
import { provideBase, type Below, type Workshop } from './base.ts';
import { createBuildah } from './buildah.ts';
import { layOut, keptPaths, type Kept } from './kept.ts';
import { provideKitImage } from './kit-image.ts';
import { provideLakeImage } from './lake-image.ts';
import { loadIntoCluster } from './load.ts';
import { provideServerImage } from './server-image.ts';
import { imagePlace, ROOT, uvCache, type ImagePlace } from './place.ts';
import type { Stage } from './stage.ts';

export interface BuildImages {
  /** kits, `server`, or `data-lake`; none: every kit */
  readonly names: readonly string[];
  readonly base: string | null;
  readonly load: boolean;
  readonly stage: Stage;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** folder with a folder for each kit; default: the checkout's */
  readonly kits?: string;
  readonly place?: ImagePlace;
}
export interface BuiltImage extends Omit<Kept, 'inventory'> {
  readonly archive: string;
  readonly bill: string;
  /** false: the same content was there already */
  readonly built: boolean;
  readonly packages: { readonly debian: number; readonly python: number };
}

const TOOLS = [
  { package: 'buildah', file: '/usr/bin/buildah' },
  { package: 'mmdebstrap', file: '/usr/bin/mmdebstrap' },
];

/** @throws Problem `bad-request` for a name that is no kit, `kit-missing` for tools that cannot be installed */
export async function buildImages(options: BuildImages): Promise<readonly BuiltImage[]> {
  const { signal, stage, say } = options;
  const kits = options.kits ?? join(ROOT, 'infra/kits');
  const definitions = new Map((await withPrograms(await readKits(kits))).map((kit) => [kit.name, kit]));
  const wanted = wantedImages(definitions, options.names);
  await provideSystem({ title: 'image builder', packages: TOOLS, signal, onBegin: say });
  const place = options.place ?? (await imagePlace());
  const buildah = createBuildah({ place, signal });
  const shop: Workshop = { place, buildah, stage, signal, base: options.base, packages: await uvCache() };
  const agent = await gatherAgent(place.tools);
  try {
    const make = imagesOf(shop, { kits, definitions, agent });
    const built: BuiltImage[] = [];
    for (const kit of wanted) {
      const image = await (typeof kit === 'string' ? OTHERS[kit](shop) : make(kit));
      built.push(await shown(place, image));
      if (options.load)
        await stage(`loading ${image.reference}`, () =>
          loadIntoCluster(keptPaths(place.out, image.name, image.hash).archive, signal),
        );
    }
    return built;
  } finally {
    await rm(agent.folder, { recursive: true, force: true });
  }
}

/** Images that are no kit's. */
const OTHERS = { server: provideServerImage, 'data-lake': provideLakeImage };
type Other = keyof typeof OTHERS;
const isOther = (name: string): name is Other => Object.hasOwn(OTHERS, name);

function wantedImages(
  all: ReadonlyMap<string, KitDefinition>,
  names: readonly string[],
): readonly (KitDefinition | Other)[] {
  const there = [...all.keys()].toSorted();
  return (names.length === 0 ? there : names).map((name) => {
    if (isOther(name)) return name;
    const kit = all.get(name);
    if (kit === undefined)
      throw new Problem('bad-request', `There is no kit "${name}"; there are: ${there.join(', ')}.`);
    if (kit.image === null) return kit;
    throw new Problem(
      'bad-request',
      `The kit ${name} names a ready image, ${kit.image}: nothing is to be built.`,
    );
  });
}

type MadeImage = Kept & { readonly built: boolean };

/** Makes a kit's image after the one it is from, each once. */
function imagesOf(
  shop: Workshop,
  {
    kits,
    definitions,
    agent,
  }: { kits: string; definitions: ReadonlyMap<string, KitDefinition>; agent: AgentParts },
): (kit: KitDefinition) => Promise<MadeImage> {
  const made = new Map<string, Promise<MadeImage>>();
  let base: Promise<Below> | undefined;
  const below = async (kit: KitDefinition): Promise<Below> => {
    const other = kit.from === null ? undefined : definitions.get(kit.from);
    if (other === undefined) return (base ??= provideBase(shop));
    const image = await once(other);
    const { archive } = keptPaths(shop.place.kept, image.name, image.hash);
    if (!(await shop.buildah.has(image.reference))) await shop.buildah.read(archive);
    return { reference: image.reference, content: image.hash };
  };
  const make = async (kit: KitDefinition) =>
    provideKitImage(shop, {
      kit,
      kits,
      below: await below(kit),
      agent: kit.from === null ? agent : null,
      npm: agent.npm,
    });
  const once = (kit: KitDefinition): Promise<MadeImage> => {
    const begun = made.get(kit.name) ?? make(kit);
    made.set(kit.name, begun);
    return begun;
  };
  return once;
}

async function shown(place: ImagePlace, image: MadeImage): Promise<BuiltImage> {
  const { inventory, ...facts } = image;
  const { archive, bill } = await layOut(place, image);
  return {
    ...facts,
    archive,
    bill,
    packages: { debian: inventory.debian.length, python: inventory.python.length },
  };
}
