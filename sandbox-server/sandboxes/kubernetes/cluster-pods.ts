/** What is written to pods: each act one call, its outcome told apart from what it did not come to. */
import type { Api } from './api/api.ts';
import { hasStatus, isUncertain } from './api/api-error.ts';
import type { PatchOperation } from './objects/claim-patch.ts';
import { readPod } from './objects/pod.ts';
import type { PodView } from './objects/pod.ts';

export interface ClusterPods {
  /** @returns null where there is none of this name */
  get(name: string): Promise<PodView | null>;
  /** @returns null where one of its tests does not hold, or there is no such pod. Uncertain ones are thrown. */
  patch(name: string, operations: readonly PatchOperation[]): Promise<PodView | null>;
  /** @returns the pod, or the one that has the name already */
  create(pod: object, name: string): Promise<PodView | null>;
  /** asks for its end; one that is gone, or has another UID by now, is no error */
  remove(view: Pick<PodView, 'name' | 'uid'>, graceSeconds: number): Promise<void>;
}

export function createClusterPods(api: Api, namespace: string): ClusterPods {
  const path = podsPath(namespace);
  const at = (name: string): string => `${path}/${encodeURIComponent(name)}`;
  const get: ClusterPods['get'] = async (name) => {
    try {
      return readPod(await api.call({ method: 'GET', path: at(name) }));
    } catch (error) {
      if (hasStatus(error, 404)) return null;
      throw error;
    }
  };
  return {
    get,
    async patch(name, operations) {
      try {
        const type = 'application/json-patch+json';
        return readPod(await api.call({ method: 'PATCH', path: at(name), type, body: operations }));
      } catch (error) {
        // 422: a test does not hold (a lost race, finding 1); 409: it changed under the patch, and would not hold either
        if (hasStatus(error, 404, 409, 422)) return null;
        throw error;
      }
    },
    async create(pod, name) {
      try {
        return readPod(await api.call({ method: 'POST', path, body: pod }));
      } catch (error) {
        // its name says whose it is: made by another server, or by us before the answer was lost (F12)
        if (hasStatus(error, 409) || isUncertain(error)) return get(name);
        throw error;
      }
    },
    async remove({ name, uid }, gracePeriodSeconds) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds, preconditions: { uid } };
      try {
        await api.call({ method: 'DELETE', path: at(name), body });
      } catch (error) {
        if (!hasStatus(error, 404, 409)) throw error;
      }
    },
  };
}

export const podsPath = (namespace: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
