/** Learners' namespaces on the cluster: prepared, renewed, ended, swept. What is made is said by `objects/`. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { Problem } from '../contract/errors.ts';
import type { NamespaceSettings } from '../contract/namespace.ts';
import type { Log } from '../telemetry/index.ts';
import type { Access } from './access.ts';
import type { Cluster } from './cluster/cluster.ts';
import { problemOf, refusedWith } from './cluster/refusal.ts';
import { endIfUnused, endLab, orphansIn, removeStale, stuckOf, unlessEnding } from './ending.ts';
import type { Ahead, Learner, Namespaces, Prepared, Stuck, Swept } from './face.ts';
import type { Owner } from './objects/kubernetes.ts';
import { LABEL, LEARNER, labName, selector } from './objects/names.ts';
import { labObjects } from './objects/plan.ts';
import { kubeconfig, tokenRequest, type ApiServer } from './objects/token.ts';
import { anchor, apiEndpoints, isEnding, layGround, ownerFrom, placeFor, type Parts } from './preparing.ts';

export interface NamespacesOptions {
  readonly cluster: Cluster;
  /** `namespaces:` of palestra.yaml */
  readonly config: NamespaceSettings;
  readonly log: Log;
  readonly clock?: () => number;
}
/** Learners of an event at a time: a class of 28 takes some seconds, and the API server is not ours alone. */
const AT_A_TIME = 4;
/** A namespace that takes longer than this to end is reported. */
const STUCK_AFTER_MS = 60_000;

export function createNamespaces(options: NamespacesOptions): Namespaces {
  const { cluster, config, log, clock = Date.now } = options;
  const parts: Parts = { cluster, settings: config, clock, sleep: (ms) => pause(ms) };
  const api = apiServer(cluster, config);

  const prepare = async (person: Learner, lab: string, access: Access): Promise<Prepared> => {
    const place = await placeFor(parts, person);
    const { name } = place;
    await layGround(parts, place, person, access, lab);
    const owner = await anchor(parts, name, lab, access.size);
    const objects = labObjects(name, lab, access, owner, await apiEndpoints(parts), config);
    await Promise.all(objects.map((object) => cluster.apply(object)));
    const keep = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
    await removeStale(cluster, name, lab, keep);
    return prepared(parts, api, name, owner);
  };
  const end = async (name: string, lab: string): Promise<boolean> => {
    await endLab(parts, name, lab);
    return endIfUnused(parts, name);
  };
  const inTheirs = async <T>(person: Learner, work: (name: string) => Promise<T>): Promise<T[]> => {
    const labels = selector({ [LABEL.person]: person.id });
    const names = (await cluster.list('Namespace', { labels }))
      .filter(({ metadata }) => isOurs(parts, metadata) && metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.name);
    return Promise.all(names.map(work));
  };

  return {
    prepare: (person, lab, access) => said(() => onceMoreIfEnding(() => prepare(person, lab, access))),
    renew: (person, lab) =>
      said(async () => {
        const found = await inTheirs(person, async (name) => {
          const secret = await cluster.get({ kind: 'Secret', namespace: name, name: labName(lab) });
          return secret === null ? null : prepared(parts, api, name, ownerFrom(secret));
        });
        const [renewed] = found.filter((one) => one !== null);
        if (renewed !== undefined) return renewed;
        throw new Problem(
          'conflict',
          'This lab has no namespace on the cluster any more. Open its lesson again.',
        );
      }),
    end: (person, lab) =>
      said(async () => {
        await inTheirs(person, (name) => unlessEnding(() => end(name, lab), false));
      }),
    prepareAll: async (people, until) => {
      const failed: { person: Learner; problem: string }[] = [];
      const ahead = async ({ person, access }: Ahead): Promise<void> => {
        try {
          const place = await placeFor(parts, person);
          const keepUntil = Math.max(until, place.keepUntil ?? 0);
          await layGround(parts, { ...place, keepUntil }, person, access, null);
        } catch (error) {
          failed.push({ person, problem: problemOf(error).message });
        }
      };
      await inTurns(people, AT_A_TIME, ahead);
      return failed;
    },
    sweep: (isAlive) => said(() => sweep(parts, isAlive, log)),
  };
}

/** Another installation on the same cluster has another prefix: its learners' labs are unknown here, and none of ours. */
function isOurs({ settings }: Parts, { name }: { readonly name: string }): boolean {
  return name.startsWith(settings.prefix);
}

async function sweep(
  parts: Parts,
  isAlive: (lab: string) => boolean | Promise<boolean>,
  log: Log,
): Promise<Swept> {
  const labels = selector({ [LABEL.learner]: 'true' });
  const all = (await parts.cluster.list('Namespace', { labels })).filter(({ metadata }) =>
    isOurs(parts, metadata),
  );
  const labs: string[] = [];
  const ended: string[] = [];
  const stuck: Stuck[] = [];
  for (const namespace of all) {
    const name = namespace.metadata.name;
    const ending = stuckOf(namespace);
    if (ending !== null) {
      if (parts.clock() - ending.since > STUCK_AFTER_MS) stuck.push(ending);
      continue;
    }
    const orphans = await unlessEnding(() => orphansIn(parts, name, isAlive), []);
    for (const lab of orphans) await unlessEnding(() => endLab(parts, name, lab), undefined);
    labs.push(...orphans);
    if (await unlessEnding(() => endIfUnused(parts, name), false)) ended.push(name);
  }
  for (const one of stuck)
    log.warn(
      { namespace: one.namespace, login: one.login, heldBy: one.heldBy },
      `the namespace ${one.namespace} cannot end: remove what holds it, or its finalizer (kubectl edit)`,
    );
  return { labs, ended, stuck };
}

async function prepared(parts: Parts, api: ApiServer, namespace: string, owner: Owner): Promise<Prepared> {
  const { cluster, settings } = parts;
  const asked = tokenRequest(owner, settings.tokenSeconds);
  const account = { kind: 'ServiceAccount', namespace, name: LEARNER, sub: 'token' } as const;
  const { token, expirationTimestamp } = TokenStatus.parse((await cluster.post(account, asked))['status']);
  const { hostname, port } = new URL(api.url);
  return {
    namespace,
    token,
    expiresAt: Date.parse(expirationTimestamp),
    kubeconfig: (tokenFile) => kubeconfig(namespace, api, tokenFile),
    api: { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 443 : Number(port) },
  };
}
const TokenStatus = z.object({ token: z.string().min(1), expirationTimestamp: z.string() });

function apiServer({ server }: Cluster, { apiServer: set }: NamespaceSettings): ApiServer {
  if (set === undefined) return server;
  return { url: set.url, ca: set.caFile === undefined ? server.ca : readFileSync(set.caFile, 'utf8') };
}

/** The namespace began to end between two calls: the next name, or the same once it is gone. */
async function onceMoreIfEnding<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isEnding(error) && !refusedWith(error, 404)) throw error;
    return work();
  }
}

async function said<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw problemOf(error);
  }
}

async function inTurns<T>(
  all: readonly T[],
  atATime: number,
  work: (one: T) => Promise<void>,
): Promise<void> {
  const waiting = [...all];
  const worker = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}
