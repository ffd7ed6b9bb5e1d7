/** The cable between machine and box: a pair of interfaces, whose name on the machine tells whose it is. */
import { z } from 'zod';
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { run } from '../../machine/run.ts';
import type { ClusterPlace } from '../place.ts';

const Links = z.array(z.object({ ifname: z.string(), ifalias: z.string().optional() }));

/** @param init a process in the box. @throws Problem `conflict` where another cluster has this number */
export async function plugIn(place: ClusterPlace, init: number): Promise<void> {
  await unplug(place);
  await ip('link', 'add', place.name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(init));
  await ip('link', 'set', place.name, 'alias', place.root);
  await ip('address', 'add', `${place.addresses.host}/24`, 'dev', place.name);
  await ip('link', 'set', place.name, 'up');
  for (const range of [place.addresses.pods, place.addresses.services])
    await ip('route', 'replace', range, 'via', place.addresses.node, 'dev', place.name);
}

/** Takes its routes with it. One that belongs to another cluster is left alone. */
export async function unplug(place: ClusterPlace): Promise<void> {
  const owner = await ownerOf(place);
  if (owner === null) return;
  if (owner !== place.root && owner !== '') throw takenBy(place, owner);
  try {
    await ip('link', 'delete', place.name);
  } catch (error) {
    // its other end went with the box at this very moment, and the kernel took this one along
    if ((await ownerOf(place)) !== null) throw error;
  }
}

/** @throws Problem `conflict` where another cluster of this machine has this number */
export async function requireFreeNumber(place: ClusterPlace): Promise<void> {
  const owner = await ownerOf(place);
  if (owner !== null && owner !== place.root && owner !== '') throw takenBy(place, owner);
}

/** @returns the folder of the cluster whose cable it is; '' where it does not say; null: there is none */
async function ownerOf(place: ClusterPlace): Promise<string | null> {
  const links = Links.parse(JSON.parse(await ip('-j', 'link')));
  const found = links.find(({ ifname }) => ifname === place.name);
  return found === undefined ? null : (found.ifalias ?? '');
}

function takenBy(place: ClusterPlace, owner: string): Problem {
  return new Problem(
    'conflict',
    `Number ${place.number} is taken by the cluster in ${owner}. Set PALESTRA_CLUSTER_NUMBER to another one.`,
  );
}

function ip(...words: readonly string[]): Promise<string> {
  return run(['ip', ...words]);
}
