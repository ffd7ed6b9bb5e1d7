/** The server's public keys as the cluster lays them into a pod: a folder of PEM files, changed under a running agent. */
import { createPublicKey } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';

/** @returns SPKI in base64, as `AgentConfig.keys` has them. A file that is no public key is passed over: the others still count. */
export function keysIn(folder: string): readonly string[] {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.pem'));
  return files.toSorted().flatMap((name) => spkiOf(fs.readFileSync(join(folder, name), 'utf8')));
}

function spkiOf(pem: string): string[] {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519'
      ? [key.export({ type: 'spki', format: 'der' }).toString('base64')]
      : [];
  } catch (error) {
    // what OpenSSL cannot read (an ERR_OSSL_… code) is no key of the server's; whoever broke it repairs it
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_OSSL')) return [];
    throw error;
  }
}
