/** The two images that a cluster needs before anybody's: the pause container of each pod, and its DNS. */
import { join } from 'node:path';
import { isThere } from '../../../sandbox-server/sandboxes/local/settle.ts';
import type { Binaries } from '../binaries/binaries.ts';
import type { BoxImage } from '../box/words.ts';
import { PAUSE_IMAGE } from '../configuration/node.ts';
import { writeProgramImage, type ProgramImage } from './archive.ts';

/** Debian's static init knows how to do nothing, and reaps what a pod leaves: podman uses it so, too */
const PAUSE = '/usr/bin/catatonit';

/** CoreDNS beside its binary, whose folder bears the hash of all it is made of; so does the tag. */
function corednsReference(binaries: Binaries): string {
  const hash = /([0-9a-f]{12})\/[^/]+$/.exec(binaries.coredns)?.[1] ?? 'dev';
  return `localhost/palestra/coredns:${hash}`;
}

/** @param cache the folder of archives */
export async function ensureImages(binaries: Binaries, cache: string): Promise<readonly BoxImage[]> {
  const wanted: readonly ProgramImage[] = [
    { program: PAUSE, reference: PAUSE_IMAGE, command: ['/catatonit', '-P'] },
    { program: binaries.coredns, reference: corednsReference(binaries), command: ['/coredns'] },
  ];
  return Promise.all(wanted.map((image) => ensureImage(image, cache)));
}

async function ensureImage(image: ProgramImage, cache: string): Promise<BoxImage> {
  const name = image.reference.slice(image.reference.lastIndexOf('/') + 1).replace(':', '-');
  const archive = join(cache, 'images', `${name}.tar`);
  if (!(await isThere(archive))) await writeProgramImage(image, archive);
  return { reference: image.reference, archive };
}
