/** A driver on the tests' cluster, in a namespace of its own that goes with it. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { openCluster } from '../../../../tests/stack/cluster/cluster.ts';
import type { Cluster } from '../../../../tests/stack/cluster/cluster.ts';
import type { Driver } from '../../driver.ts';
import { newId } from '../../ids.ts';
import { createLinks, temporaryTicketKeys } from '../../link/index.ts';
import type { TicketKeys } from '../../link/index.ts';
import type { LinkTo } from '../../agent-link.ts';
import { createKubernetesDriver } from '../driver.ts';
import type { KubernetesDriverOptions } from '../driver.ts';
import type { PodSettings } from '../objects/pod-template.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
const MiB = 1024 ** 2;
export const LIMITS = { memory: 512 * MiB, disk: 64 * MiB, pids: 128, cpu: 2 };
/** a bench's peers ask for the same */
export const REQUESTS = { memory: 32 * MiB, cpu: 0.01 };

export interface ClusterSubject extends AsyncDisposable {
  readonly driver: Driver;
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly linkTo: LinkTo;
  readonly logged: string[];
  readonly settings: PodSettings;
  /** in this namespace */
  kubectl(...words: readonly string[]): Promise<string>;
  /** another server on the same namespace, with the same keys; closed with the subject */
  second(options?: Partial<KubernetesDriverOptions>): Promise<Driver>;
  close(): Promise<void>;
}

/** The image of the kit `base`: named by the person, or built (once for its content) and loaded. */
async function baseImage(cluster: Cluster): Promise<string> {
  const given = process.env['PALESTRA_TEST_IMAGE'];
  if (given !== undefined) return given;
  const build = [join(ROOT, 'infra/images/build.ts'), 'base', '--json'];
  await promisify(execFile)(process.execPath, build, { maxBuffer: 1 << 24, timeout: 1_200_000 });
  const folder = join(ROOT, '.palestra/images');
  const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as Record<
    string,
    { reference: string; archive: string }
  >;
  const { reference, archive } = index['base'] ?? { reference: '', archive: '' };
  await cluster.load(join(folder, archive));
  return reference;
}

export interface SubjectOptions extends Partial<KubernetesDriverOptions> {
  readonly limits?: Partial<PodSettings['limits']>;
  /** names of services */
  readonly hosts?: readonly string[];
  /** objects of the namespace, before the driver comes */
  readonly prepare?: (subject: { cluster: Cluster; namespace: string }) => Promise<void>;
}

/** once a file: asking whether a cluster runs takes seconds */
let shared: Promise<{ cluster: Cluster; image: string }> | undefined;
/** The tests' cluster with the image of the kit `base` in it. */
export function openShared(): Promise<{ cluster: Cluster; image: string }> {
  return (shared ??= openBoth());
}
async function openBoth(): Promise<{ cluster: Cluster; image: string }> {
  const cluster = await openCluster();
  return { cluster, image: await baseImage(cluster) };
}

export async function clusterSubject(options: SubjectOptions = {}): Promise<ClusterSubject> {
  const { limits, hosts, prepare, ...driverOptions } = options;
  const { cluster, image } = await openShared();
  const namespace = `driver-${newId().slice(0, 10)}`;
  await cluster.apply(namespaceObject(namespace));
  await prepare?.({ cluster, namespace });
  const settings: PodSettings = {
    kit: 'base',
    image,
    pullPolicy: 'IfNotPresent',
    limits: { ...LIMITS, ...limits },
    requests: REQUESTS,
    hosts,
  };
  const keys: TicketKeys = temporaryTicketKeys();
  const logged: string[] = [];
  const note = (facts: object, text: string): void => {
    const { err } = facts as { err?: unknown };
    logged.push(err instanceof Error ? `${text}: ${err.message}` : text);
  };
  const linkTo = createLinks({ sign: keys.sign });
  const opened: Driver[] = [];
  const open = async (more: Partial<KubernetesDriverOptions>): Promise<Driver> => {
    const driver = await createKubernetesDriver({
      access: { kubeconfig: cluster.kubeconfig },
      namespace,
      settingsOf: () => settings,
      trust: { keys: [...keys.publicKeys()] },
      linkTo,
      log: { info: note, warn: note },
      ...driverOptions,
      ...more,
    });
    opened.push(driver);
    return driver;
  };
  const driver = await open({});
  const close = async (): Promise<void> => {
    for (const one of opened) await one.close();
    await cluster.kubectlOk(['delete', 'namespace', namespace, '--wait=false']);
    await cluster.kubectl([
      '-n',
      namespace,
      'delete',
      'deployments,pods',
      '--all',
      '--grace-period=1',
      '--wait=false',
    ]);
  };
  return {
    driver,
    cluster,
    namespace,
    settings,
    logged,
    linkTo,
    kubectl: (...words) => cluster.kubectlOk(['-n', namespace, ...words]),
    second: open,
    close,
    [Symbol.asyncDispose]: close,
  };
}

export function namespaceObject(name: string): object {
  const level = Object.fromEntries(
    ['enforce', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
  );
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: level } };
}

/** The pod of a sandbox, by its lab. */
export const podOf = (subject: ClusterSubject, lab: string | null): Promise<string> =>
  subject.kubectl(
    'get',
    'pods',
    '-l',
    `palestra.dev/lab=${lab ?? ''}`,
    '-o',
    'jsonpath={.items[0].metadata.name}',
  );
