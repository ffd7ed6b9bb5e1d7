/** An OCI image of one static program, as an archive that containerd imports. The same program is the same bytes. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { run } from '../../machine/run.ts';

export interface ProgramImage {
  /** a static program: there is nothing else in the image */
  readonly program: string;
  /** `localhost/…:tag` */
  readonly reference: string;
  readonly command: readonly string[];
}

interface Blob {
  readonly digest: string;
  readonly size: number;
}

/** Numbers of the format: whoever makes it, whenever, it is the same. */
const REPRODUCIBLE = [
  '--numeric-owner',
  '--owner=0',
  '--group=0',
  '--sort=name',
  '--mtime=@0',
  '--format=gnu',
];
const OCI = 'application/vnd.oci.image';

/** Writes `archive` whole or not at all. */
export async function writeProgramImage(image: ProgramImage, archive: string): Promise<void> {
  const folder = `${archive}.${process.pid}`;
  try {
    const layer = await layerOf(image.program, join(folder, 'root'));
    const layout = join(folder, 'layout');
    await writeLayout(layout, image, layer);
    await run(['tar', ...REPRODUCIBLE, '-C', layout, '-cf', join(folder, 'archive'), '.']);
    await mkdir(dirname(archive), { recursive: true });
    await rename(join(folder, 'archive'), archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function layerOf(program: string, root: string): Promise<Buffer> {
  await mkdir(root, { recursive: true });
  await copyFile(program, join(root, basename(program)));
  await run(['chmod', '-R', 'u=rwX,go=rX', root]);
  await run(['tar', ...REPRODUCIBLE, '-C', root, '-cf', `${root}.tar`, '.']);
  return readFile(`${root}.tar`);
}

async function writeLayout(layout: string, image: ProgramImage, layer: Buffer): Promise<void> {
  await mkdir(join(layout, 'blobs/sha256'), { recursive: true });
  const blob = async (bytes: Buffer): Promise<Blob> => {
    const digest = sha256(bytes);
    await writeFile(join(layout, 'blobs/sha256', digest), bytes);
    return { digest: `sha256:${digest}`, size: bytes.length };
  };
  const json = (value: object) => blob(Buffer.from(JSON.stringify(value)));
  const config = await json(imageConfig(image, `sha256:${sha256(layer)}`));
  // fast rather than small: it is read once, from this machine's disk
  const packed = await blob(gzipSync(layer, { level: 1 }));
  const manifest = await json({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: { mediaType: `${OCI}.config.v1+json`, ...config },
    layers: [{ mediaType: `${OCI}.layer.v1.tar+gzip`, ...packed }],
  });
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(layout, 'index.json'), JSON.stringify(indexOf(image.reference, manifest)));
}

function imageConfig({ command }: ProgramImage, layer: string): object {
  return {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Cmd: command },
    rootfs: { type: 'layers', diff_ids: [layer] },
  };
}

function indexOf(reference: string, manifest: Blob): object {
  return {
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests: [
      {
        mediaType: `${OCI}.manifest.v1+json`,
        ...manifest,
        annotations: {
          'io.containerd.image.name': reference,
          'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1),
        },
      },
    ],
  };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
