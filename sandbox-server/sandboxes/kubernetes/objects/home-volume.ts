/** The volume that a lab's home is on, where a site keeps homes so: as a claim, which the cluster's storage fulfils. Pure. */
import { LABEL, NAME } from './names.ts';

export interface VolumeSettings {
  /** of each home, bytes */
  readonly bytes: number;
  /** absent: the cluster's default */
  readonly storageClass?: string | undefined;
}

export const homeClaimName = (lab: string): string => `home-${lab}`;

export function homeClaim(namespace: string, lab: string, { bytes, storageClass }: VolumeSettings): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: homeClaimName(lab),
      namespace,
      labels: { [LABEL.name]: NAME, [LABEL.managedBy]: 'palestra', [LABEL.lab]: lab },
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: String(bytes) } },
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
    },
  };
}
