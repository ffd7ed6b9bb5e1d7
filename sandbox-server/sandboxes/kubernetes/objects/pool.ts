/** A kit version's pool: a Deployment that keeps n pods warm. Pure. */
import { LABEL, NAME, WARM } from './names.ts';
import { podTemplate, versionOf } from './pod-template.ts';
import type { PodSettings } from './pod-template.ts';

export function poolName(settings: PodSettings): string {
  return `pool-${settings.kit}-${versionOf(settings)}`;
}

/**
 * To be applied whole. The selector holds kit and version: a wider one would adopt, and end, pods of others (finding 8).
 * A new version is a new Deployment: nothing is rolled, claimed pods are nobody's to end.
 */
export function pool(namespace: string, settings: PodSettings, replicas: number): object {
  const template = podTemplate(settings);
  const selector = { [LABEL.app]: WARM, [LABEL.kit]: settings.kit, [LABEL.version]: versionOf(settings) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: poolName(settings),
      namespace,
      labels: {
        [LABEL.name]: NAME,
        [LABEL.managedBy]: 'palestra',
        [LABEL.kit]: settings.kit,
        [LABEL.version]: versionOf(settings),
      },
    },
    spec: {
      replicas,
      revisionHistoryLimit: 0,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selector },
      template,
    },
  };
}
