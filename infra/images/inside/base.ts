/** Runs inside the build of the base image: Debian's packages that every sandbox has, and the learner's account. */
import { readFile, mkdir, chown, rm } from 'node:fs/promises';
import { UID_INSIDE } from '../../../sandbox-server/sandboxes/local/etc.ts';
import { runTool } from '../../../sandbox-server/sandboxes/local/kits/tool.ts';
import { clean } from './clean.ts';
import { withClients } from './clients.ts';

const MADE = '/mnt';
const HOME = '/home/learner';
const say = (line: string) => void process.stdout.write(`${line}\n`);

await withClients(async () => {
  const run = (...argv: string[]) => runTool(argv, new AbortController().signal, say);
  const list = await readFile(`${MADE}/packages.txt`, 'utf8');
  const packages = list.split('\n').filter((line) => /^[a-z0-9]/.test(line));
  const env = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  await run(...env, 'apt-get', 'update');
  await run(...env, 'apt-get', 'install', '-y', '--no-install-recommends', ...packages);
  await account(run);
});
await clean();

/** Where a base image has somebody else with the learner's number, they go. */
async function account(run: (...argv: string[]) => Promise<void>): Promise<void> {
  const users = await readFile('/etc/passwd', 'utf8');
  const other = new RegExp(`^([^:]+):[^:]*:${UID_INSIDE}:`, 'm').exec(users)?.[1];
  if (other !== undefined) await run('userdel', '--remove', other);
  await run('groupadd', '--gid', String(UID_INSIDE), 'learner');
  const uid = ['--uid', String(UID_INSIDE), '--gid', String(UID_INSIDE)];
  await run('useradd', ...uid, '--home-dir', HOME, '--no-create-home', '--shell', '/bin/bash', 'learner');
  for (const folder of [HOME, '/run/palestra']) {
    await mkdir(folder, { recursive: true });
    await chown(folder, UID_INSIDE, UID_INSIDE);
  }
  // backups that name the day
  for (const name of ['passwd', 'group', 'shadow', 'gshadow']) await rm(`/etc/${name}-`, { force: true });
}
