/** Inside a build: the machine's own settings of apt and uv, there for one step and gone with it. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Clients {
  /** `{clients}` in a value, or in a text file, is the folder where the files stand */
  readonly env: Readonly<Record<string, string>>;
  /** name → content in base64 */
  readonly files: Readonly<Record<string, string>>;
}
/** buildah shows a secret here, and only to the step that asks */
const SECRET = '/run/secrets/clients';

/**
 * Runs a step with the machine's settings in its environment. Without the secret (another builder, another machine) the
 * image's own settings count.
 */
export async function withClients(work: () => Promise<void>, secret = SECRET): Promise<void> {
  const clients = await readClients(secret);
  const folder = await mkdtemp(join(tmpdir(), 'clients-'));
  try {
    for (const [name, content] of Object.entries(clients.files))
      await writeFile(join(folder, name), filled(name, Buffer.from(content, 'base64'), folder), {
        mode: 0o600,
      });
    for (const name of ['lists/partial', 'cache/archives/partial'])
      await mkdir(join(folder, name), { recursive: true });
    for (const [name, value] of Object.entries(clients.env))
      process.env[name] = value.replaceAll('{clients}', folder);
    await work();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function filled(name: string, content: Buffer, folder: string): Buffer | string {
  return /\.(conf|sources)$/.test(name) ? content.toString().replaceAll('{clients}', folder) : content;
}

async function readClients(secret: string): Promise<Clients> {
  try {
    return JSON.parse(await readFile(secret, 'utf8')) as Clients;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { env: {}, files: {} };
  }
}
