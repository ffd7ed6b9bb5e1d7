/** Every configuration file of a cluster, by name: pure. Written at each start; the API server follows its own. */
import { authenticationConfiguration, admissionConfiguration, auditPolicy } from './api-server.ts';
import {
  containerdConfiguration,
  kubeletConfiguration,
  proxyConfiguration,
  schedulerConfiguration,
} from './node.ts';
import type { ClusterPlace } from '../place.ts';
import type { Settings } from './settings.ts';

/** the one that may change while the API server runs: it reads it again by itself */
export const AUTHENTICATION = 'authentication.json';

export function configurationFiles(
  place: ClusterPlace,
  settings: Settings,
): Readonly<Record<string, string>> {
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
  return {
    'admission.json': json(admissionConfiguration()),
    [AUTHENTICATION]: json(authenticationConfiguration(settings.oidc)),
    'audit.json': json(auditPolicy()),
    'containerd.toml': containerdConfiguration(place),
    'kubelet.json': json(kubeletConfiguration(place)),
    'proxy.json': json(proxyConfiguration(place)),
    'scheduler.json': json(schedulerConfiguration(place)),
    // pods have no way to a name server outside: an empty list, where the machine's would be waited for
    'resolv.conf': '# nothing outside is to be found from here\n',
  };
}
