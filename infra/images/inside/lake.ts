/** Runs inside the build of the data lake's image: Debian's packages of all its parts, and Rucio's environment. */
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { linkGfal, provideEnvironment } from '../../data-lake/environment.ts';
import { lakePlace } from '../../data-lake/place.ts';
import { runTool } from '../../../sandbox-server/sandboxes/local/kits/tool.ts';
import { clean } from './clean.ts';
import { withClients } from './clients.ts';

const MADE = '/mnt';
/** where `PALESTRA_LAKE_SHARED` of the image leads */
const SHARED = '/opt/palestra/lake';
const Make = z.object({ packages: z.array(z.string()), environment: z.string(), port: z.number() });
/** Packages that start their servers when they are installed ask this program first, if it is there. */
const POLICY = '/usr/sbin/policy-rc.d';
/** Debian's package makes a database of its own, which nobody here uses. */
const UNUSED = ['/var/lib/postgresql', '/etc/postgresql'];

process.umask(0o022);
process.env['PYC_INVALIDATION_MODE'] = 'UNCHECKED_HASH';
process.env['UV_LINK_MODE'] = 'copy';
const { signal } = new AbortController();
const say = (line: string) => void process.stdout.write(`${line}\n`);
const make = Make.parse(JSON.parse(await readFile(`${MADE}/make.json`, 'utf8')));

await withClients(async () => {
  await installPackages();
  await installRucio();
});
await clean();

async function installPackages(): Promise<void> {
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  await runTool([...apt, 'update'], signal, say);
  await runTool([...apt, 'install', '-y', '--no-install-recommends', ...make.packages], signal, say);
  await rm(POLICY);
  for (const folder of UNUSED)
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
}

/** By the lake's own code, at the place where a lake in this image looks for it. */
async function installRucio(): Promise<void> {
  if (process.env['UV_CACHE_DIR'] === undefined) process.env['UV_NO_CACHE'] = '1';
  const options = { root: SHARED, port: make.port, idp: SHARED, asRoot: false, temporary: '/tmp' };
  const environment = await provideEnvironment(lakePlace(options), {
    name: make.environment,
    lock: `${MADE}/requirements.lock`,
    uv: `${MADE}/uv`,
    signal,
    onProgress: (done, of) => say(`Rucio's environment: ${done} of ${of} packages`),
  });
  await linkGfal(environment);
}
