/**
 * The certificate of a pod's agent: made inside, at its first start, and kept while the pod lives. The server reads its
 * fingerprint while the pod is nobody's and pins it (cluster finding 4), so a container that starts again must have the same.
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificate {
  /** PEM files */
  readonly cert: string;
  readonly key: string;
}

/**
 * Finds or makes it.
 * @param folder a volume that outlives the container
 * @param name what the certificate says it is for; nobody relies on it
 */
export async function certificateIn(folder: string, name: string): Promise<Certificate> {
  const kept = join(folder, 'tls');
  if (!fs.existsSync(kept)) {
    const making = fs.mkdtempSync(join(folder, '.tls-'));
    await make(filesIn(making), name);
    // whole or not at all: a start cut off in the middle leaves only the temporary folder
    fs.renameSync(making, kept);
  }
  return filesIn(kept);
}

function filesIn(folder: string): Certificate {
  return { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
}

async function make({ cert, key }: Certificate, name: string): Promise<void> {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const what = ['-subj', `/CN=${name}`, '-days', '3650'];
  await promisify(execFile)('openssl', ['req', '-x509', ...curve, ...what, '-keyout', key, '-out', cert]);
  fs.chmodSync(key, 0o600);
}
