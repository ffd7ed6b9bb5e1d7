/** buildah, with a storage of its own: images of other tools on this machine are neither seen nor touched. */
import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { runTool } from '../../sandbox-server/sandboxes/local/kits/tool.ts';
import type { ImagePlace } from './place.ts';

export interface ImageBuild {
  readonly reference: string;
  readonly containerfile: string;
  /** folder that COPY and bind mounts see */
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** file shown to steps that ask for the secret `clients` */
  readonly clients?: string;
  /** host folder → folder that steps see, writable, not part of the image */
  readonly volumes?: Readonly<Record<string, string>>;
}

export interface Buildah {
  build(build: ImageBuild): Promise<void>;
  /** an image by its file: OCI archive with the reference in it */
  write(reference: string, archive: string): Promise<void>;
  read(archive: string): Promise<void>;
  /** from a registry, where it is not there */
  fetch(reference: string): Promise<void>;
  has(reference: string): Promise<boolean>;
  /** bytes of all layers, unpacked */
  size(reference: string): Promise<number>;
  /** what a program in a container of the image writes to standard output */
  outputOf(reference: string, program: string, args: readonly string[]): Promise<string>;
}

export interface BuildahOptions {
  readonly place: ImagePlace;
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
}

/** rootless as far as the machine goes: no daemon, no runtime, steps run in a chroot with no more rights than the caller */
const STEPS = ['--isolation', 'chroot'];
/** bytes of a program's answer */
const MOST = 64 * 1024 ** 2;
const Manifest = z.object({ layers: z.array(z.object({ size: z.number() })) });
const EPOCH = ['--timestamp', '0'];

export function createBuildah({ place, signal, onLine = () => {} }: BuildahOptions): Buildah {
  const at = ['buildah', '--root', place.storage, '--runroot', place.run, '--storage-driver', 'overlay'];
  const run = (...args: string[]) => runTool([...at, ...args], signal, onLine);
  const ask = async (...args: string[]) => {
    const [program = '', ...first] = at;
    const { stdout } = await promisify(execFile)(program, [...first, ...args], { signal, maxBuffer: MOST });
    return stdout;
  };
  return {
    build: (build) => run('build', ...STEPS, ...EPOCH, '--layers', '--pull-never', ...wordsOf(build)),
    async write(reference, archive) {
      const writing = `${archive}.part`;
      // an archive is never added to
      await rm(writing, { force: true });
      await run('push', '--quiet', reference, `oci-archive:${writing}:${reference}`);
      await rename(writing, archive);
    },
    read: (archive) => run('pull', '--quiet', `oci-archive:${archive}`),
    fetch: (reference) => run('pull', '--quiet', '--policy', 'missing', reference),
    has: async (reference) =>
      (await ask('images', '--all', '--format', '{{.Name}}:{{.Tag}}')).split('\n').includes(reference),
    async size(reference) {
      const manifest = await ask('inspect', '--type', 'image', '--format', '{{.Manifest}}', reference);
      return Manifest.parse(JSON.parse(manifest)).layers.reduce((sum, layer) => sum + layer.size, 0);
    },
    async outputOf(reference, program, args) {
      const container = (await ask('from', '--pull-never', reference)).trim();
      try {
        return await ask('run', ...STEPS, container, '--', program, ...args);
      } finally {
        await run('rm', container);
      }
    },
  };
}

/** Pure. */
export function wordsOf(build: ImageBuild): readonly string[] {
  const pairs = (flag: string, all: Readonly<Record<string, string>> = {}) =>
    Object.entries(all).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  return [
    ...pairs('--build-arg', build.args),
    ...pairs('--label', build.labels),
    ...pairs('--annotation', build.labels),
    ...Object.entries(build.volumes ?? {}).flatMap(([host, inside]) => ['--volume', `${host}:${inside}`]),
    ...(build.clients === undefined ? [] : ['--secret', `id=clients,src=${build.clients}`]),
    ...['--file', build.containerfile, '--tag', build.reference, build.context],
  ];
}
