/** The server's public keys for all pods of a namespace: pure. A pod that runs sees a change within a minute or so. */
import { createPublicKey } from 'node:crypto';
import { KEYS, LABEL } from './names.ts';

/** @param keys SPKI in base64: current, and next where there is one */
export function ticketKeys(namespace: string, keys: readonly string[]): object {
  const names = ['current.pem', 'next.pem'];
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: KEYS, namespace, labels: { [LABEL.managedBy]: 'palestra' } },
    data: Object.fromEntries(keys.slice(0, names.length).map((key, i) => [names[i] ?? '', pemOf(key)])),
  };
}

function pemOf(spki: string): string {
  const key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
