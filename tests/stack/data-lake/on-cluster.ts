/**
 * The chart's lake on the tests' cluster, as tests see it: its ports lead here by `kubectl port-forward`, its authority
 * and the issuer's key are laid into a place of this machine, and its own commands are run in its pod.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { findHelm, NO_HELM } from '../../../infra/chart/testing/helm.ts';
import { ensureAuthority } from '../../../infra/data-lake/authority/authority.ts';
import { findLake, layOut } from '../../../infra/data-lake/find-place.ts';
import { ownFile } from '../../../infra/data-lake/part.ts';
import { endpointsOf, type LakePlace } from '../../../infra/data-lake/place.ts';
import { loadImages } from '../chart/images.ts';
import { portForward } from '../chart/forward.ts';
import { imageValue } from '../chart/values.ts';
import { whyNot } from '../chart/why-not.ts';
import { missing as noCluster, openCluster, runProgram, type Cluster, type Ran } from '../cluster/cluster.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const CHART = join(ROOT, 'infra/data-lake/chart');
const NAMESPACE = 'palestra-lake';
const RELEASE = 'tests';
const NAME = `${RELEASE}-data-lake`;
/** below those that the system lends to whoever connects */
const PORT = Number(process.env['PALESTRA_TEST_LAKE'] ?? 28_440);
const APP = '/opt/palestra/app/infra/data-lake';

export interface LakeOnCluster {
  readonly place: LakePlace;
  /** folder of its logs, in the pod */
  readonly log: string;
  readonly cluster: Cluster;
  readonly namespace: string;
  /** a program in the steward's container, which sees the logs, the elements' disks and Rucio's home */
  readonly inLake: (...argv: readonly string[]) => Promise<Ran>;
  /** a verb of lake.ts there */
  readonly lake: (...words: readonly string[]) => Promise<Ran>;
  /** ends the way to its ports; the lake stays, for the next file of tests */
  readonly leave: () => Promise<void>;
}

/** What is missing on this machine, as a sentence; null: nothing. */
export function missing(): string | null {
  return noCluster() ?? (findHelm() === null ? NO_HELM : null);
}

/** Installed where it is not (a minute; its image, the first time: some more). @throws Error with what pods say */
export async function openOnCluster(shared: string): Promise<LakeOnCluster> {
  const cluster = await openCluster();
  await install(cluster);
  const place = await placeOf(cluster, shared);
  const ports = [...new Set(endpointsOf(place).map(({ port }) => port))].map((port) => `${port}:${port}`);
  const { kubeconfig } = cluster;
  const forward = { kubeconfig, namespace: NAMESPACE, what: `pod/${NAME}-0`, ports };
  const way = await portForward(forward);
  const inLake = (...argv: readonly string[]): Promise<Ran> =>
    cluster.kubectl(['exec', '-n', NAMESPACE, `${NAME}-0`, '-c', 'steward', '--', ...argv], { ms: 120_000 });
  return {
    place,
    log: `/var/lib/palestra/lake-${PORT}/log`,
    cluster,
    namespace: NAMESPACE,
    inLake,
    lake: (...words) => inLake('/opt/palestra/bin/node', `${APP}/lake.ts`, ...words, '--json'),
    leave: async () => void (await way[Symbol.asyncDispose]()),
  };
}

async function install(cluster: Cluster): Promise<void> {
  const images = await loadImages(cluster, ['data-lake']);
  const { repository, tag, pullPolicy } = imageValue(images['data-lake']);
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  });
  const values = {
    ...{ 'image.repository': repository, 'image.tag': tag, 'image.pullPolicy': pullPolicy },
    ...{ 'storage.ephemeral': 'true', port: PORT },
  };
  const set = Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const words = [
    'upgrade',
    '--install',
    RELEASE,
    CHART,
    '-n',
    NAMESPACE,
    ...set,
    '--wait',
    '--timeout',
    '10m',
  ];
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
  const { code, stderr } = await runProgram([findHelm() ?? 'helm', ...words], { env, ms: 640_000 });
  if (code === 0) return;
  const said = await whyNot(cluster, { namespace: NAMESPACE, sandboxes: NAMESPACE });
  throw new Error(`helm ${words.join(' ')}: ${stderr.slice(-2_000)}\n${said}`);
}

const Given = z.object({ data: z.record(z.string(), z.string()) });

/** A place on this machine with the same names, ports, authority and issuer's key. */
async function placeOf(cluster: Cluster, shared: string): Promise<LakePlace> {
  const state = join(ROOT, `.palestra/stack-lake-on-cluster-${PORT}`);
  const place = await findLake({ state, port: PORT, shared });
  const words = ['get', 'secret', '-n', NAMESPACE, NAME, '-o', 'json'];
  const { data } = Given.parse(JSON.parse(await cluster.kubectlOk(words)));
  const lay = (path: string, key: string): Promise<void> =>
    ownFile(path, Buffer.from(data[key] ?? '', 'base64'), null);
  await layOut(place);
  await mkdir(place.idp, { recursive: true, mode: 0o700 });
  await lay(place.authority.ca, 'ca.pem');
  await lay(place.authority.caKey, 'ca.key');
  await lay(join(place.idp, 'keys.json'), 'signing.pem');
  await lay(join(place.idp, 'clients.json'), 'clients.json');
  await ensureAuthority(place);
  return place;
}
