/** The smallest Debian (or Ubuntu) there is, as an image: made from this machine's own packages, since no registry is needed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from '../../sandbox-server/sandboxes/local/kits/tool.ts';
import { toDeb822 } from './apt-sources.ts';
import type { Buildah } from './buildah.ts';
import { acquire, aptSources, thisSystem } from './clients.ts';
import { contentHash } from './content.ts';

/** pages, translations and change logs; licences stay */
const LEFT_OUT = ['/usr/share/man/*', '/usr/share/info/*', '/usr/share/locale/*', '/usr/share/doc/*'];
const KEPT = '/usr/share/doc/*/copyright';
/** nothing of where the packages came from */
const FORGET =
  'rm -rf "$1"/etc/apt/sources.list* "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/apt/auth.conf*';

/** @returns the image's reference; made once for each system */
export async function provideDebian(buildah: Buildah, signal: AbortSignal): Promise<string> {
  const { id, codename } = await thisSystem();
  const options = [
    '--variant=minbase',
    // a build that is cut off begins again: nothing needs to reach the disk in between
    '--dpkgopt=force-unsafe-io',
    ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
    `--dpkgopt=path-include=${KEPT}`,
    `--customize-hook=${FORGET}`,
  ];
  const reference = `localhost/palestra-build/${id}:${contentHash(codename, process.arch, options)}`;
  if (await buildah.has(reference)) return reference;
  const folder = await mkdtemp(join(tmpdir(), 'palestra-debian-'));
  try {
    const sources = join(folder, 'system.sources');
    await writeFile(sources, toDeb822(await aptSources(codename)));
    const settings = (await acquire()).map((line) => `--aptopt=${line}`);
    const rootfs = join(folder, 'rootfs.tar');
    const tool = ['env', 'SOURCE_DATE_EPOCH=0', 'mmdebstrap', '--format=tar', ...options, ...settings];
    await runTool([...tool, codename, rootfs, sources], signal);
    const containerfile = join(folder, 'Containerfile');
    await writeFile(containerfile, 'FROM scratch\nADD rootfs.tar /\n');
    await buildah.build({ reference, containerfile, context: folder, args: {} });
    return reference;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
