/** The lake's issuer as a part: started, asked and ended with the others. */
import { createHash } from 'node:crypto';
import { chown, mkdir, readFile, readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { prepareProvider } from '../../../sandbox-server/identity/index.ts';
import { ask } from '../ask.ts';
import { healthOf, ownFile, ownFolder, startServer, stopServer, untilHealthy, type Part } from '../part.ts';
import type { LakePlace, User } from '../place.ts';
import { idsOf } from '../users.ts';
import { secondNameOf } from './rights.ts';
import type { Settings } from './serve.ts';

const NAME = 'issuer';
const CHECKOUT = resolve(import.meta.dirname, '../../..');

/** As root the issuer is a user of its own, and sees folders that this user could not walk to at places of its own. */
const ENTER =
  'mount --bind "$1" "$2" && mount --bind "$3" "$4" && uid=$5 && shift 5 && ' +
  'exec setpriv --reuid="$uid" --regid="$uid" --clear-groups --no-new-privs -- "$@"';

export function createIssuerPart(place: LakePlace): Part {
  const user = place.users.issuer;
  const part: Part = {
    name: NAME,
    stage: 'issuer',
    packages: [],
    async start() {
      await ownFolder(place.folders.issuer, user);
      await prepareProvider(place.idp);
      if (user !== null) await share(place.idp, user);
      const seen = await seenFrom(place, user);
      const settings = JSON.stringify(settingsOf(place, seen.idp));
      const file = join(place.folders.issuer, 'settings.json');
      await ownFile(file, settings, user);
      await startServer(place, {
        name: NAME,
        // `commandOf` would drop to the user before the folders are mounted: it is done in `ENTER` instead
        user: null,
        argv: [
          ...seen.before,
          seen.path(process.execPath),
          seen.path(join(import.meta.dirname, 'serve.ts')),
          file,
        ],
        revision: await revisionOf(place, settings),
      });
      await untilHealthy(place, part, [NAME]);
    },
    health: () => healthOf(place, [NAME], () => discovered(place)),
    stop: () => stopServer(place, NAME),
    // people, keys and clients are the portal's: nothing here is the lake's own
    reset: () => Promise.resolve(),
  };
  return part;
}

function settingsOf(place: LakePlace, folder: string): Settings {
  const { cert, key } = place.authority.certificates.iam;
  const { issuer, audiences, servers = [] } = secondNameOf(place);
  return {
    issuer,
    host: place.listen,
    port: place.iam.port,
    cert,
    key,
    folder,
    second: {
      issuer,
      audiences: [...audiences],
      servers: servers.map((right) => ({
        client: right.client,
        audiences: [...right.audiences],
        scopes: [...right.scopes],
      })),
    },
  };
}

/**
 * Keys and database belong to the issuer's user from now on; the portal, as root, goes on using them. SQLite gives
 * its WAL to the database's owner when root opens it.
 */
async function share(folder: string, user: NonNullable<User>): Promise<void> {
  const { uid, gid } = await idsOf(user);
  for (const name of await readdir(folder)) await chown(join(folder, name), uid, gid);
  await chown(folder, uid, gid);
}

interface Seen {
  /** the words that make it so, before the program's */
  readonly before: readonly string[];
  readonly idp: string;
  path(path: string): string;
}
async function seenFrom(place: LakePlace, user: User): Promise<Seen> {
  if (user === null) return { before: [], idp: place.idp, path: (path) => path };
  const [idp, code] = [join(place.folders.issuer, 'idp'), join(place.folders.issuer, 'code')];
  for (const folder of [idp, code]) await mkdir(folder, { recursive: true, mode: 0o755 });
  const { uid } = await idsOf(user);
  return {
    before: ['sh', '-c', ENTER, 'sh', place.idp, idp, CHECKOUT, code, String(uid)],
    idp,
    path(path) {
      const below = relative(CHECKOUT, path);
      return below.startsWith('..') ? path : join(code, below);
    },
  };
}

/** Its program: seen at another place by its user, so what `startServer` looks at is not it. */
const CODE = ['serve.ts', 'ended-token.ts'];

/** A new certificate needs a new start, and so do keys that were made anew, and other code. */
async function revisionOf(place: LakePlace, settings: string): Promise<string> {
  const hash = createHash('sha256').update(settings);
  hash.update(await readFile(place.authority.certificates.iam.cert));
  hash.update(await readFile(join(place.idp, 'keys.json')));
  for (const name of CODE) hash.update(await readFile(join(import.meta.dirname, name)));
  return hash.digest('hex').slice(0, 16);
}

const Discovery = z.object({ issuer: z.string() });

/** @returns what it says; throws where it is no issuer of ours */
async function discovered(place: LakePlace): Promise<string> {
  const { status, body } = await ask(place, place.iam, '/.well-known/openid-configuration');
  if (status !== 200) throw new Error(`it answers ${status}`);
  const { issuer } = Discovery.parse(JSON.parse(body));
  if (issuer !== place.issuer) throw new Error(`it calls itself ${issuer}`);
  return `answers as ${issuer}`;
}
