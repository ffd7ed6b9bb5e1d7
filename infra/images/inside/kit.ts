/** Runs inside the build of a kit's image: the same code that prepares the kit on a machine, at the place where it stays. */
import { mkdir, readFile } from 'node:fs/promises';
import { fillKit } from '../../../sandbox-server/sandboxes/local/kits/build-kit.ts';
import type { KitDefinition } from '../../../sandbox-server/sandboxes/local/kits/kit-file.ts';
import { findPython } from '../../../sandbox-server/sandboxes/local/kits/python.ts';
import { clean } from './clean.ts';
import { withClients } from './clients.ts';

const MADE = '/mnt';
const KIT = '/opt/kit';

process.umask(0o022);
// nobody writes to these files later: Python need not compare them with their compiled forms at each start
process.env['PYC_INVALIDATION_MODE'] = 'UNCHECKED_HASH';
process.env['UV_LINK_MODE'] = 'copy';
await withClients(async () => {
  // what uv has fetched before is lent with the clients' settings, or nothing of it may stay here
  if (process.env['UV_CACHE_DIR'] === undefined) process.env['UV_NO_CACHE'] = '1';
  const kit = JSON.parse(await readFile(`${MADE}/kit.json`, 'utf8')) as KitDefinition;
  const python = await findPython();
  if (python === null) throw new Error('the base image has no Python 3.11 or newer');
  await mkdir(KIT, { recursive: true });
  let said = '';
  await fillKit({
    kit,
    folder: KIT,
    python,
    uv: () => Promise.resolve(`${MADE}/uv`),
    signal: new AbortController().signal,
    onProgress({ text }) {
      if (text !== said) process.stdout.write(`${text}\n`);
      said = text;
    },
  });
});
await clean();
