/** A pod made for one lab, where no warm one is there. Its name is the lab's: a second server that makes it too is told so. */
import { ANNOTATION, CLAIMED, LABEL } from './names.ts';
import { podTemplate } from './pod-template.ts';
import type { PodSettings } from './pod-template.ts';

export interface ColdPod {
  readonly namespace: string;
  readonly lab: string;
  readonly settings: PodSettings;
  readonly now: number;
  readonly lifetime: number;
  /** the claim of the volume that its home is on; absent: none */
  readonly homeClaim?: string | undefined;
}

export const coldPodName = (lab: string): string => `lab-${lab}`;

export function coldPod({ namespace, lab, settings, now, lifetime, homeClaim }: ColdPod): object {
  const { metadata, spec } = podTemplate(settings, CLAIMED, homeClaim);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: coldPodName(lab),
      namespace,
      labels: { ...metadata.labels, [LABEL.lab]: lab },
      annotations: {
        ...metadata.annotations,
        [ANNOTATION.claimedAt]: new Date(now).toISOString(),
        [ANNOTATION.evict]: 'false',
      },
    },
    spec: { ...spec, activeDeadlineSeconds: lifetime },
  };
}
