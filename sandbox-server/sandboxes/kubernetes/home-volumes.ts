/** Homes on volumes of the cluster, one for each lab: made with its first pod, there until the lab is forgotten. */
import type { Api } from './api/api.ts';
import { hasStatus } from './api/api-error.ts';
import { homeClaim, homeClaimName } from './objects/home-volume.ts';
import type { VolumeSettings } from './objects/home-volume.ts';

export interface HomeVolumes {
  /** Idempotent; one that is there stays as it is, whatever size the settings say by now. @returns the claim's name */
  have(lab: string): Promise<string>;
  /** It goes for good. None is no error. */
  discard(lab: string): Promise<void>;
}

export function createHomeVolumes(api: Api, namespace: string, settings: VolumeSettings): HomeVolumes {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/persistentvolumeclaims`;
  return {
    async have(lab) {
      const body = homeClaim(namespace, lab, settings);
      await api.call({ method: 'POST', path, body, again: 'passing' }).catch((error: unknown) => {
        if (!hasStatus(error, 409)) throw error;
      });
      return homeClaimName(lab);
    },
    async discard(lab) {
      const at = `${path}/${homeClaimName(lab)}`;
      await api.call({ method: 'DELETE', path: at }).catch((error: unknown) => {
        if (!hasStatus(error, 404)) throw error;
      });
    },
  };
}
