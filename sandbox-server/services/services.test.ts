/** Services through a real, tiny one: a command, an https server that outlives us, faults by learner. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Services, ServiceStage } from './face.ts';
import { findServices, parseServiceFile, withSettings } from './find.ts';
import { createServices } from './services.ts';
import { tinyService, type TinyService } from './testing/tiny-service.ts';
import { silentLog } from '../telemetry/index.ts';

let tiny: TinyService;
let services: ReturnType<typeof createServices>;
let opened: AsyncDisposableStack;
let now = 0;
beforeEach(() => void (opened = new AsyncDisposableStack()));
afterEach(() => opened.disposeAsync());
// a process takes its time on a busy machine
vi.setConfig({ testTimeout: 60_000 });
const poll = <T>(look: () => T) => expect.poll(look, { timeout: 30_000, interval: 20 });

async function open(options: Parameters<typeof tinyService>[0] = {}): Promise<Services> {
  tiny = opened.use(await tinyService(options));
  return reopen();
}
async function reopen(): Promise<Services> {
  now = Date.now();
  services = opened.adopt(
    createServices({
      definitions: await findServices(tiny.root),
      state: tiny.state,
      log: silentLog(),
      clock: () => now,
    }),
    (each) => each.close(),
  );
  return services;
}
const ups = async () => (await tiny.lines('calls')).filter((line) => line.includes('"up"')).length;
const ADA = { login: 'ada', subject: 'sub-of-ada' };

function fetchFrom(at: Awaited<ReturnType<Services['endpoint']>>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const { host, port } = at.to;
  request({ host, port, servername: at.host, ca: at.ca ?? undefined, agent: false }, (answer) => {
    answer.toArray().then((parts: Buffer[]) => resolve(Buffer.concat(parts).toString()), reject);
  })
    .on('error', reject)
    .end();
  return promise;
}

describe('a service', () => {
  it('is known at the start without being started', async () => {
    const all = await open();
    expect(all.list()).toMatchObject([{ name: 'tiny', title: 'Tiny shop', state: 'unknown', admits: true }]);
    const states: string[] = [];
    using _watch = all.watch(({ state }) => states.push(state));
    services.look();
    await poll(() => all.get('tiny')?.state).toBe('down');
    expect(all.get('tiny')?.text).toBe('Tiny shop is down; it starts with the first lab that needs it');
    expect(states).toEqual(['down']);
    expect(await ups()).toBe(0);
    expect((await all.address('tiny')).ca).toBeNull();
    await expect(all.endpoint('tiny', 'shop')).resolves.toMatchObject({ ca: null });
  });

  it('starts once for all who wait, tells each its stages, and is believed for a while', async () => {
    const all = await open({ slow: 600 });
    const told: ServiceStage[][] = [[], [], []];
    const waiting = told.map((list) => all.ready('tiny', { onStage: (stage) => list.push(stage) }));
    await poll(() => all.get('tiny')?.state).toBe('starting');
    const late: ServiceStage[] = [];
    await Promise.all([...waiting, all.ready('tiny', { onStage: (stage) => late.push(stage) })]);
    expect(await ups()).toBe(1);
    for (const list of told)
      expect(list.map(({ stage, state }) => `${stage} ${state}`)).toEqual([
        'authority begun',
        'authority done',
        'shop begun',
        'shop done',
      ]);
    expect(late[0]).toMatchObject({ service: 'tiny', stage: 'authority', text: 'Making an authority' });
    expect(late.find(({ stage }) => stage === 'shop')?.progress).toEqual({ done: 1, all: 2, unit: '' });
    expect(all.get('tiny')).toMatchObject({ state: 'up', text: 'Tiny shop runs' });
    await all.ready('tiny');
    expect((await tiny.lines('calls')).filter((line) => line.includes('status'))).toHaveLength(1);
  });

  it('outlives us and is found again, without another start', async () => {
    const all = await open();
    await all.ready('tiny');
    await services.close();
    const again = await reopen();
    await again.ready('tiny');
    expect(again.get('tiny')?.state).toBe('up');
    expect(await ups()).toBe(1);
    expect(await fetchFrom(await again.endpoint('tiny', 'shop'))).toBe('bread for all\n');
    expect(await fetchFrom(await again.endpoint('tiny', 'shop.tiny.test'))).toBe('bread for all\n');
    await expect(again.endpoint('tiny', 'post')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('that could not be started says what happened and what to do, and is tried again', async () => {
    const all = await open();
    await tiny.breakIt();
    const outcomes = await Promise.allSettled([all.ready('tiny'), all.ready('tiny')]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: {
          code: 'unavailable',
          message:
            'Tiny shop, which this lesson needs, could not be started: the keys are gone Ask the baker. Press Start to try again.',
          details: { service: 'tiny', stage: 'shop', code: 'no-keys' },
        },
      });
    expect(await ups()).toBe(1);
    expect(all.get('tiny')?.state).toBe('failed');
    await tiny.mendIt();
    await all.ready('tiny');
    expect(all.get('tiny')?.state).toBe('up');
  });

  it('goes on starting when one who waits gives up, and stops when the server does', async () => {
    const all = await open({ slow: 500 });
    const abort = new AbortController();
    const patient = all.ready('tiny');
    const hasty = all.ready('tiny', { signal: abort.signal });
    await poll(() => all.get('tiny')?.state).toBe('starting');
    abort.abort(new Error('gave up'));
    await expect(hasty).rejects.toThrow('gave up');
    await patient;
    await all.stop('tiny');
    expect(all.get('tiny')?.state).toBe('down');
    const stopped = all.ready('tiny');
    stopped.catch(() => undefined);
    await poll(() => all.get('tiny')?.state).toBe('starting');
    await services.close();
    await expect(stopped).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('that went down behind our back is started again after a while', async () => {
    const all = await open();
    await all.ready('tiny');
    await all.admit('tiny', ADA);
    process.kill(Number((await tiny.lines('pid'))[0] || NaN)); // '' would be 0: our own process group
    now += 20_000;
    await poll(async () => (await all.status('tiny')).state).toBe('down');
    await rm(join(tiny.state, 'tiny/open'));
    await all.ready('tiny');
    expect(await ups()).toBe(2);
    await all.admit('tiny', ADA);
    expect(await tiny.lines('admitted')).toHaveLength(2);
  });
});

describe('a learner at a service', () => {
  it('is admitted once among 28, and asked again after a while', async () => {
    const all = await open();
    await all.ready('tiny');
    const admissions = await Promise.all(
      Array.from({ length: 28 }, (_, i) => all.admit('tiny', { login: `st${i}`, subject: `sub-${i}` })),
    );
    expect(admissions.map((one) => one?.account)).toEqual(Array.from({ length: 28 }, (_, i) => `st${i}`));
    expect(await Promise.all([all.admit('tiny', ADA), all.admit('tiny', ADA)])).toMatchObject([
      { account: 'ada', scope: 'user.ada' },
      { account: 'ada' },
    ]);
    expect(await tiny.lines('admitted')).toHaveLength(29);
    now += 61_000;
    await all.admit('tiny', ADA);
    expect((await tiny.lines('admitted')).filter((line) => line === 'ada sub-of-ada')).toHaveLength(2);
    await all.dismiss('tiny', 'ada');
    expect(await tiny.lines('dismissed')).toEqual(['ada']);
    await all.admit('tiny', ADA);
    expect((await tiny.lines('admitted')).filter((line) => line === 'ada sub-of-ada')).toHaveLength(3);
  });

  it('is spoken of by verbs that the service has, and only by them', async () => {
    const all = await open();
    const said = await all.call('tiny', { name: 'say', arguments: { a: '1', b: 'x y' } }, 'ada');
    expect(said.said).toBe('say for ada: {"a":"1","b":"x y"}');
    await all.call('tiny', { name: 'refuse', arguments: {} }, 'ada');
    expect(await all.call('tiny', { name: 'is', arguments: { it: 'open' } }, 'ada')).toMatchObject({
      exit: 1,
      facts: { shop: 'closed' },
    });
    await expect(all.call('tiny', { name: 'burn', arguments: {} }, 'ada')).rejects.toMatchObject({
      code: 'bad-request',
      message: 'Tiny shop has no verb "burn". It has: refuse, heal, is, say.',
    });
    await expect(all.call('tiny', { name: 'say', arguments: {} }, '--user=bob')).rejects.toThrow();
    await expect(all.call('bakery', { name: 'say', arguments: {} }, 'ada')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('"bakery", which is not set up here') as string,
    });
  });

  it('a steward is asked instead of a process, and its complaint is told', async () => {
    const all = await open({ steward: true });
    await expect(all.call('tiny', { name: 'say', arguments: {} }, 'ada')).resolves.toMatchObject({
      said: 'say for ada: {}',
    });
    expect(await tiny.lines('asked')).toEqual([]);
    await all.ready('tiny');
    await expect(all.admit('tiny', ADA)).resolves.toEqual({ account: 'ada' });
    await all.dismiss('tiny', 'ada');
    await all.call('tiny', { name: 'say', arguments: { x: 'y' } }, 'ada');
    await expect(all.call('tiny', { name: 'heal', arguments: {} }, 'ada')).rejects.toMatchObject({
      message: 'Tiny shop: cannot heal Rest.',
    });
    expect(await tiny.lines('asked')).toEqual([
      '/admit {"user":"ada","sub":"sub-of-ada"}',
      '/dismiss {"user":"ada"}',
      '/verb {"name":"say","arguments":{"x":"y"},"user":"ada"}',
      '/verb {"name":"heal","arguments":{},"user":"ada"}',
    ]);
    expect(await tiny.lines('admitted')).toEqual([]);
    // it listens: nobody waits for a look at every part, which goes on behind
    now += 3_600_000;
    await all.ready('tiny');
    expect(all.get('tiny')?.state).toBe('up');
    const looks = async () => (await tiny.lines('calls')).filter((line) => line.includes('status')).length;
    await poll(looks).toBeGreaterThan(1);
  });
});

describe('a command that misbehaves', () => {
  const broken = async (script: string) => {
    tiny = opened.use(await tinyService());
    await writeFile(join(tiny.folder, 'tiny.mjs'), `${script}\n`);
    return reopen();
  };
  it.each([
    ['prints nonsense', 'console.log("nonsense")', /does not fit \(address\)/],
    ['prints too much', 'console.log(JSON.stringify({ x: "y".repeat(1e6) }))', /does not fit \(address\)/],
    ['answers what does not fit', 'console.log(JSON.stringify({ ca: 7 }))', /does not fit \(address\)/],
    [
      'dies with words',
      'console.error("\\u001b[31mout of flour"); process.exit(9)',
      /ended with 9: \\x1b\[31mout of flour/,
    ],
    ['dies by a signal', 'process.kill(process.pid, "SIGKILL")', /ended with SIGKILL/],
  ])('%s: a sentence, and nothing hangs', async (_how, script, message) => {
    const all = await broken(script);
    await expect(all.address('tiny')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(message) as string,
    });
  });

  it('leaves somebody holding its pipes: it is over all the same', async () => {
    const all = await broken(
      `import { spawn } from 'node:child_process'; spawn('sleep', ['8'], { stdio: 'inherit', detached: true }).unref(); console.log(JSON.stringify({ ca: null, endpoints: [] }))`,
    );
    const began = performance.now();
    expect(await all.address('tiny')).toMatchObject({ endpoints: [] });
    expect(performance.now() - began).toBeLessThan(7_000);
  });

  it('T57 is told no secret of ours', async () => {
    process.env['PALESTRA_TEST_CLIENT_SECRET'] = 'canary-secret';
    process.env['BEARER_TOKEN'] = 'canary-token';
    const all = await broken(
      `import fs from 'node:fs'; fs.writeFileSync(process.env.PALESTRA_STATE + '/environment', JSON.stringify([process.env, process.argv])); console.log(JSON.stringify({ ca: null, endpoints: [] }))`,
    );
    await all.address('tiny');
    delete process.env['PALESTRA_TEST_CLIENT_SECRET'];
    delete process.env['BEARER_TOKEN'];
    const seen = await readFile(join(tiny.state, 'environment'), 'utf8');
    expect(seen).not.toContain('canary');
    expect(seen).toContain(`"PALESTRA_STATE":"${tiny.state}"`);
  });
});

describe('which services there are', () => {
  it('those below infra/ with a service.yaml; a mistake names file and key', async () => {
    const root = await mkdtemp(join(tmpdir(), 'palestra-find-'));
    expect(await findServices(root)).toEqual([]);
    await mkdir(join(root, 'infra/kits'), { recursive: true });
    for (const folder of ['a', 'b']) {
      await mkdir(join(root, 'infra', folder));
      await writeFile(join(root, 'infra', folder, 'service.yaml'), 'name: same\ntitle: T\ncommand: [x]\n');
    }
    await expect(findServices(root)).rejects.toThrow(
      'Two folders of infra/ call themselves the service same',
    );
    await rm(join(root, 'infra/b'), { recursive: true });
    expect(await findServices(root)).toMatchObject([
      { file: { name: 'same' }, folder: join(root, 'infra/a') },
    ]);
    await rm(root, { recursive: true });
    expect(() => parseServiceFile('name: a\ntitle: T\ncommand: []\nports: 1\n', 'x.yaml')).toThrow(
      /x\.yaml does not fit:\n.*command[^]*ports/,
    );
    expect(() => parseServiceFile('a: [', 'x.yaml')).toThrow('x.yaml is not YAML');
  });

  it('settings take away, change and add', () => {
    const file = { name: 'a', title: 'A', summary: '', command: ['x'], admits: true, verbs: ['v'] };
    const found = [
      { file, folder: '/infra/a' },
      { file: { ...file, name: 'b' }, folder: '/infra/b' },
    ];
    expect(withSettings(found, {}, '/root')).toEqual(found);
    const changed = withSettings(
      found,
      { a: { command: ['ssh', 'lake'] }, b: false, c: { command: ['y'], folder: 'else', verbs: ['w'] } },
      '/root',
    );
    expect(changed).toEqual([
      { file: { ...file, command: ['ssh', 'lake'] }, folder: '/infra/a' },
      {
        file: { name: 'c', title: 'c', summary: '', command: ['y'], admits: false, verbs: ['w'] },
        folder: '/root/else',
      },
    ]);
  });
});
