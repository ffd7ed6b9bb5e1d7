/** Kits as images: there is nothing to prepare, an image is named or it is not. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { KitState } from '../../contract/api.ts';
import type { KubernetesSettings } from '../../contract/driver.ts';
import { Problem } from '../../contract/errors.ts';
import { unknownKit, type Kits } from '../kits.ts';
import { readKits } from '../local/kits/kit-file.ts';
import type { PodSettings } from './objects/pod-template.ts';

export interface ClusterKits extends Kits {
  /** what a kit's pods are. Throws Problem `kit-missing` */
  settingsOf(kit: string): PodSettings;
}

export interface ClusterKitsOptions {
  readonly settings: KubernetesSettings;
  readonly limits: PodSettings['limits'];
  /** names of services, for every pod */
  readonly hosts: readonly string[];
  /** `infra/kits`, for titles; may be absent (the server's own image has none) */
  readonly root: string;
  /** the state folder: `images/index.json` names what was built here */
  readonly state: string;
}

/** built beside the kits, and none */
const SERVER = 'server';
const Built = z.record(z.string(), z.object({ reference: z.string() }));

export async function createClusterKits(options: ClusterKitsOptions): Promise<ClusterKits> {
  const { settings, limits, hosts } = options;
  const titles = await titlesIn(options.root);
  const images: Readonly<Record<string, string>> = {
    ...(await builtHere(options.state)),
    ...settings.images,
  };
  const stateOf = (name: string): KitState => {
    const title = titles.get(name) ?? name;
    return images[name] === undefined
      ? { name, state: 'failed', text: withoutImage(title, name), versions: {} }
      : { name, state: 'ready', text: `The ${title} kit: ${images[name]}`, versions: {} };
  };
  const known = new Set([...titles.keys(), ...Object.keys(images)]);
  const missing = (name: string): Problem =>
    known.has(name) ? new Problem('kit-missing', stateOf(name).text) : unknownKit(name, known);
  return {
    list: () => [...known].map(stateOf),
    get: (name) => (known.has(name) ? stateOf(name) : undefined),
    ready(name) {
      return images[name] === undefined ? Promise.reject(missing(name)) : Promise.resolve();
    },
    settingsOf(kit) {
      const image = images[kit];
      if (image === undefined) throw missing(kit);
      const { pullPolicy, requests, runtimeClass, priorityClass, nodeSelector, userNamespaces } = settings;
      return {
        kit,
        image,
        pullPolicy,
        limits,
        requests,
        hosts,
        runtimeClass,
        priorityClass,
        nodeSelector,
        userNamespaces,
      };
    },
    // nothing about an image changes while the server runs
    watch: () => ({ [Symbol.dispose]: () => undefined }),
    close: () => Promise.resolve(),
  };
}

function withoutImage(title: string, name: string): string {
  return `The ${title} kit has no image: build it with \`node infra/images/build.ts ${name} --load\`, or name one at driver.images.${name} in palestra.yaml.`;
}

async function titlesIn(root: string): Promise<ReadonlyMap<string, string>> {
  const kits = await orNothing(readKits(root), []);
  return new Map(kits.map(({ name, title }) => [name, title]));
}

async function builtHere(state: string): Promise<Record<string, string>> {
  const text = await orNothing(readFile(join(state, 'images/index.json'), 'utf8'), '{}');
  const built = Object.entries(Built.parse(JSON.parse(text))).filter(([name]) => name !== SERVER);
  return Object.fromEntries(built.map(([kit, { reference }]) => [kit, reference]));
}

async function orNothing<T>(reading: Promise<T>, nothing: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothing;
    throw error;
  }
}
