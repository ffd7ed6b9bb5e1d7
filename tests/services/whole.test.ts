/**
 * A lesson that needs a service, by HTTP: a whole server, its real driver, and a real tiny service that the server has
 * never heard of. What a learner sees from Start to the next lesson; where their tokens are, and where they are not.
 */
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Config } from '../../sandbox-server/contract/config.ts';
import type { Lab } from '../../sandbox-server/contract/lab.ts';
import type { StepProgress } from '../../sandbox-server/contract/progress.ts';
import { openPalestra, type Palestra } from '../../sandbox-server/main.ts';
import { findPlace, foldersOf } from '../../sandbox-server/sandboxes/local/place.ts';
import { stopSandboxes } from '../../sandbox-server/sandboxes/local/stop.ts';
import {
  freePort,
  tinyService,
  type TinyService,
} from '../../sandbox-server/services/testing/tiny-service.ts';
import { createLog } from '../../sandbox-server/telemetry/index.ts';
import { learner, type Learner } from '../world/learner.ts';

// on a fresh machine the first lab waits for its kit
vi.setConfig({ testTimeout: 180_000 });

const CHECKOUT = resolve(import.meta.dirname, '../..');
const ISSUER = 'https://iam.tiny.test:31443/';
const SHOP = 'https://shop.tiny.test:31447/';
const HEAD =
  'title: T\nsummary: S\naudience: A\nauthors: [A]\nlicence: CC-BY-4.0\nlessons: [1-bread, 2-away]\n';
const BREAD = `---
title: Bread
minutes: 5
needs:
  services: [tiny]
  tokens:
    - { audience: shop.tiny.test till.tiny.test, scope: "openid storage.create:/user/{{user}} storage.read:/" }
---

\`\`\`text setup as=tiny
heal
\`\`\`

## Buy

\`\`\`bash run
curl -sS -H "X-User: $USER" ${SHOP} > bread.txt
cp $BEARER_TOKEN_FILE token.txt; env | sort > env.txt
cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n' > environs.txt
grep -rhoE 'eyJ[A-Za-z0-9_.-]{40,}' /run/palestra /tmp ~/.bash_history 2>/dev/null | sort -u > tokens.txt
\`\`\`

\`\`\`bash check
grep -q "bread for $PALESTRA_USER" bread.txt || { echo "No bread: $(cat bread.txt)"; exit 1; }
echo "Bread."
\`\`\`

## Be refused

\`\`\`text setup as=tiny
refuse
\`\`\`

\`\`\`text check as=tiny already="the setup closed it"
is it=closed
\`\`\`

\`\`\`text undo as=tiny
heal
\`\`\`
`;
const AWAY = `---
title: Away
minutes: 5
needs: { services: [] }
---

## Look

\`\`\`bash run fails
curl -sS --max-time 5 ${SHOP} 2> refused.txt
\`\`\`

\`\`\`bash check
[ -e refused.txt ] || { echo "Not tried."; exit 1; }
grep -qE "refused|connect" refused.txt || { echo "Not refused: $(cat refused.txt)"; exit 1; }
echo "Refused."
\`\`\`
`;

describe('a lesson that needs a service', () => {
  const opened = new AsyncDisposableStack();
  const logged: string[] = [];
  let tiny: TinyService;
  let palestra: Palestra;
  let ada: Learner;
  let lab: Lab;
  let token: string;

  beforeAll(async () => {
    tiny = opened.use(await tinyService({ inside: 31447, issuer: ISSUER, slow: 400 }));
    await chmod(tiny.root, 0o755); // sandboxes run as users of their own
    const put = async (path: string, text: string) => {
      await mkdir(dirname(join(tiny.root, path)), { recursive: true });
      await writeFile(join(tiny.root, path), text);
    };
    await put('courses/shop/course.yaml', HEAD);
    await put('courses/shop/1-bread/lesson.md', BREAD);
    await put('courses/shop/2-away/lesson.md', AWAY);
    await put('dist/index.html', '<!doctype html>');
    await symlink(join(CHECKOUT, 'infra/kits'), join(tiny.root, 'infra/kits'));
    process.env['PALESTRA_KITS'] ??= join(CHECKOUT, '.palestra');
    const log = createLog({ level: 'debug', to: { write: (line: string) => void logged.push(line) } });
    const config = Config.parse({ port: await freePort(), warm: {} });
    palestra = await openPalestra({ root: tiny.root, state: tiny.state, config, log });
    opened.defer(async () => {
      await palestra.close();
      const place = await findPlace({ state: tiny.state });
      await stopSandboxes(place);
      for (const folder of [place.sockets, ...Object.values(foldersOf(place))])
        await rm(folder, { recursive: true, force: true });
    });
    ada = await learner(palestra.url, 'ada');
  }, 60_000);
  afterAll(() => opened.disposeAsync(), 60_000);

  const file = async (path: string): Promise<string> =>
    (await ada.ask('GET', `/api/labs/${lab.id}/files/content?path=${path}`)).text();
  const at = (step: string, lesson = '1-bread') => `/api/labs/${lab.id}/steps/${lesson}/${step}`;
  const press = async (step: string, lesson?: string) => {
    await ada.ask('POST', `${at(step, lesson)}/run`, { action: 'run-1' });
    await expect
      .poll(() => ada.json<StepProgress>('POST', `${at(step, lesson)}/check`).then(({ state }) => state), {
        timeout: 60_000,
        interval: 300,
      })
      .toBe('done');
  };

  it('is started by the first Start, its stages told; the server starts nothing before', async () => {
    expect((await tiny.lines('calls')).some((line) => line.includes('"up"'))).toBe(false);
    lab = await ada.start('shop', '1-bread');
    const names = lab.stages.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'tiny/authority',
        'tiny/shop',
        'account',
        'claiming',
        'home',
        'tokens',
        'setup',
      ]),
    );
    expect(names.indexOf('tiny/shop')).toBeLessThan(names.indexOf('account'));
    expect(names.indexOf('account')).toBeLessThan(names.indexOf('claiming'));
    expect(lab.stages.find(({ name }) => name === 'tiny/shop')?.text).toBe('Tiny shop: Opening the shop');
    expect(await tiny.lines('admitted')).toHaveLength(1);
    expect((await tiny.lines('admitted'))[0]).toMatch(/^ada [0-9a-f-]{36}$/);
  });

  it('is reached from inside by its name, its certificate verified', async () => {
    await press('buy');
    expect(await file('bread.txt')).toBe('bread for ada\n');
    expect(await file('env.txt')).toMatch(/^TINY_USER=ada$/m);
    expect(await file('env.txt')).toMatch(/^SSL_CERT_FILE=\/run\/palestra\/services\/bundle\.pem$/m);
  });

  it('is given a token of its own issuer, for the learner’s own folder', async () => {
    token = (await file('token.txt')).trim();
    expect(decodeJwt(token)).toMatchObject({
      iss: ISSUER,
      aud: ['shop.tiny.test', 'till.tiny.test'],
      scope: 'openid storage.create:/user/ada storage.read:/',
    });
    expect(await tiny.lines('admitted')).toEqual([`ada ${decodeJwt(token).sub ?? ''}`]);
  });

  it('its verbs are asked by as= fences, for this learner, outside the sandbox', async () => {
    const closed = await ada.json<StepProgress>('POST', `${at('be-refused')}/check`);
    expect(closed).toMatchObject({ state: 'done', message: 'The shop is closed to ada.' });
    await ada.json('POST', `${at('be-refused')}/reset`);
    const verbs = (await tiny.lines('calls')).filter((line) => line.includes('"verb"'));
    expect(verbs.every((line) => line.includes('"--user","ada"'))).toBe(true);
    expect(verbs.map((line) => (JSON.parse(line) as string[])[1])).toEqual(
      expect.arrayContaining(['heal', 'refuse', 'is']),
    );
  });

  it('T57 no token stands in a log, an address, an environment or an answer', async () => {
    const [, , signature = ''] = token.split('.');
    const labs = await (await ada.ask('GET', '/api/labs')).text();
    const seen = [...logged, await file('env.txt'), await file('environs.txt'), labs].join('\n');
    expect(seen).not.toContain(signature);
    expect(seen).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}\.eyJ/);
    const service = [...(await tiny.lines('calls')), ...(await tiny.lines('admitted'))].join('\n');
    expect(service).not.toMatch(/eyJ/);
  });

  it('T58 a learner finds their own short token, and no refresh token', async () => {
    expect(await file('tokens.txt')).toBe(`${token}\n`);
    const database = new Database(join(tiny.state, 'idp/idp.db'), { readonly: true });
    const refresh = database
      .prepare<[], { id: string }>("select id from objects where model = 'RefreshToken'")
      .all();
    database.close();
    expect(refresh.length).toBeGreaterThan(0);
    const inside = [
      await file('environs.txt'),
      await file('tokens.txt'),
      await file('env.txt'),
      ...logged,
    ].join('\n');
    for (const { id } of refresh) expect(inside).not.toContain(id);
    expect(await readFile(join(tiny.state, 'idp/clients.json'), 'utf8')).toContain('palestra');
  });

  it('is refused in the same sandbox once a lesson is open that does not name it', async () => {
    const away = await ada.start('shop', '2-away');
    expect(away.sandbox).toBe(lab.sandbox);
    await press('look', '2-away');
  });

  it('another learner’s Start finds it running', async () => {
    const before = (await tiny.lines('calls')).filter((line) => line.includes('"up"')).length;
    const other = await learner(palestra.url, 'st07');
    await other.start('shop', '1-bread');
    expect((await tiny.lines('calls')).filter((line) => line.includes('"up"'))).toHaveLength(before);
    expect((await tiny.lines('admitted')).map((line) => line.split(' ')[0])).toEqual(['ada', 'st07']);
  });
});
