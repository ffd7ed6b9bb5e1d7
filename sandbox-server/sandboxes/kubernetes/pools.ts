/** Deployments that keep kits warm: said again until the cluster has heard it; those of earlier versions go. */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Api } from './api/api.ts';
import { apply, deploymentsPath } from './apply.ts';
import { LABEL } from './objects/names.ts';
import type { PodSettings } from './objects/pod-template.ts';
import { pool, poolName } from './objects/pool.ts';

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
const Deployments = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

export interface Pools {
  /** n warm pods of this kit, in this version; returns at once */
  keep(settings: PodSettings, n: number): void;
  close(): Promise<void>;
}
interface Wanted {
  readonly settings: PodSettings;
  readonly n: number;
}

export function createPools(
  api: Api,
  namespace: string,
  onTrouble: (what: string, error: unknown) => void,
): Pools {
  const path = deploymentsPath(namespace);
  const over = new AbortController();
  const wanted = new Map<string, Wanted>();
  const working = new Map<string, Promise<void>>();

  const bring = async ({ settings, n }: Wanted): Promise<void> => {
    await apply(api, path, pool(namespace, settings, n));
    const labelSelector = `${LABEL.kit}=${settings.kit},${LABEL.managedBy}=palestra`;
    const { items } = Deployments.parse(await api.call({ method: 'GET', path, query: { labelSelector } }));
    for (const { metadata } of items) if (metadata.name !== poolName(settings)) await remove(metadata.name);
  };
  /** claimed pods have no owner any more and stay */
  const remove = async (name: string): Promise<void> => {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' };
    await api.call({ method: 'DELETE', path: `${path}/${name}`, body });
  };
  /** until what is wanted last was brought about */
  const work = async (kit: string): Promise<void> => {
    let pause = FIRST_PAUSE;
    for (let now = wanted.get(kit); now !== undefined && !over.signal.aborted; now = wanted.get(kit)) {
      try {
        await bring(now);
        if (wanted.get(kit) === now) wanted.delete(kit);
        pause = FIRST_PAUSE;
      } catch (error) {
        onTrouble(`keeping ${now.n} sandboxes of ${kit} warm`, error);
        await delay(pause, undefined, { signal: over.signal }).catch(() => undefined);
        pause = Math.min(LONGEST_PAUSE, pause * 2);
      }
    }
    working.delete(kit);
  };
  return {
    keep(settings, n) {
      wanted.set(settings.kit, { settings, n });
      if (!working.has(settings.kit)) working.set(settings.kit, work(settings.kit));
    },
    async close() {
      over.abort();
      await Promise.all(working.values());
    },
  };
}
