// A real, tiny service: an https server with an authority of its own, started detached, faults by learner.
import { spawn, execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import process from 'node:process';

const state = join(process.env.PALESTRA_STATE, 'tiny');
const at = (name) => join(state, name);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const settings = existsSync('settings.json') ? JSON.parse(readFileSync('settings.json', 'utf8')) : {};
const port = settings.port ?? 31999;
const host = 'shop.tiny.test';
mkdirSync(state, { recursive: true });
appendFileSync(at('calls'), `${JSON.stringify(process.argv.slice(2))}\n`);

const pid = () => (existsSync(at('pid')) ? Number(readFileSync(at('pid'), 'utf8')) : 0);
const runs = () => {
  try {
    return pid() > 0 && process.kill(pid(), 0);
  } catch {
    return false;
  }
};
const [verb, ...words] = process.argv.slice(2).filter((word) => word !== '--json');
const option = (name) => words[words.indexOf(name) + 1];
const verbs = {
  async up() {
    if (runs()) return say({ ready: true, seconds: 0 });
    say({ stage: 'authority', state: 'begun', label: 'Making an authority' });
    if (!existsSync(at('ca.pem'))) authority();
    await sleep(settings.slow ?? 0);
    say({ stage: 'authority', state: 'done', label: 'Making an authority', seconds: 0.1 });
    say({ stage: 'shop', state: 'begun', label: 'Opening the shop', done: 1, of: 2 });
    process.stderr.write('a word for the log\n');
    if (existsSync(at('break'))) {
      say({ stage: 'shop', state: 'failed', label: 'Opening the shop' });
      say({ error: { code: 'no-keys', message: 'the keys are gone', todo: 'Ask the baker.' } });
      process.exit(3);
    }
    const child = spawn(process.execPath, ['tiny.mjs', 'serve'], {
      detached: true,
      stdio: 'ignore',
      env: process.env,
    });
    child.unref();
    while (!existsSync(at('open'))) await sleep(20);
    say({ stage: 'shop', state: 'done', label: 'Opening the shop', seconds: 0.2 });
    say({ ready: true, seconds: 1 });
  },
  serve() {
    writeFileSync(at('pid'), String(process.pid));
    const tls = { cert: readFileSync(at('host.pem')), key: readFileSync(at('host.key')) };
    createServer(tls, (request, response) => {
      const refused =
        existsSync(at('refused')) &&
        readFileSync(at('refused'), 'utf8').includes(request.headers['x-user'] ?? 'nobody');
      response
        .writeHead(refused ? 503 : 200)
        .end(refused ? 'closed\n' : `bread for ${request.headers['x-user'] ?? 'all'}\n`);
    }).listen(port, '127.0.0.1', () => writeFileSync(at('open'), ''));
    if (settings.steward) steward();
    process.once('SIGTERM', () => process.exit(0));
  },
  down() {
    if (runs()) process.kill(pid());
    for (const name of ['pid', 'open', 'refused', 'steward.sock']) rmSync(at(name), { force: true });
  },
  reset: () => verbs.down(),
  status: () =>
    say({
      state: runs() ? 'up' : 'down',
      parts: [{ name: 'shop', ok: runs(), found: runs() ? `pid ${pid()}` : 'closed', todo: '' }],
    }),
  address: () =>
    say({
      ca: existsSync(at('ca.pem')) ? at('ca.pem') : null,
      endpoints: [{ host, port: settings.inside ?? port, to: { host: '127.0.0.1', port } }],
      ...(settings.issuer ? { issuer: settings.issuer, audiences: [host, 'till.tiny.test'] } : {}),
      env: { TINY_SHOP: `https://${host}:${settings.inside ?? port}`, TINY_USER: '{{user}}' },
      ...(settings.steward ? { steward: at('steward.sock') } : {}),
    }),
  admit() {
    appendFileSync(at('admitted'), `${option('--user')} ${option('--sub')}\n`);
    say({ account: option('--user'), scope: `user.${option('--user')}` });
  },
  dismiss: () => appendFileSync(at('dismissed'), `${option('--user')}\n`),
  verb() {
    const user = option('--user');
    const [name, ...rest] = words.filter((word, i) => word !== '--user' && words[i - 1] !== '--user');
    say(act(name, user, Object.fromEntries(rest.map((word) => word.split('=')))));
  },
};
function act(name, user, given) {
  if (name === 'refuse') writeFileSync(at('refused'), user);
  if (name === 'heal') rmSync(at('refused'), { force: true });
  if (name === 'is') {
    const is = existsSync(at('refused')) && readFileSync(at('refused'), 'utf8') === user;
    return {
      said: is ? `The shop is closed to ${user}.` : 'The shop is open.',
      exit: (is ? 'closed' : 'open') === given.it ? 0 : 1,
      facts: { shop: is ? 'closed' : 'open' },
    };
  }
  return { said: `${name} for ${user}: ${JSON.stringify(given)}` };
}
function steward() {
  rmSync(at('steward.sock'), { force: true });
  createHttp(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    appendFileSync(at('asked'), `${request.url} ${JSON.stringify(body)}\n`);
    if (request.url === '/admit') return response.end(JSON.stringify({ account: body.user }));
    if (request.url === '/dismiss') return response.writeHead(204).end();
    if (body.name === 'heal')
      return response
        .writeHead(500)
        .end(JSON.stringify({ error: { code: 'ill', message: 'cannot heal', todo: 'Rest.' } }));
    return response.end(JSON.stringify(act(body.name, body.user, body.arguments)));
  }).listen(at('steward.sock'));
}
function authority() {
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore', cwd: state });
  writeFileSync(at('ext'), `subjectAltName=DNS:${host}\nbasicConstraints=CA:FALSE\n`);
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/O=Tiny/CN=Tiny authority',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    `/CN=${host}`,
    '-keyout',
    'host.key',
    '-out',
    'host.csr',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    'host.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'ext',
    '-out',
    'host.pem',
  );
}
if (verbs[verb] === undefined) {
  say({ error: { code: 'no-verb', message: `there is no ${verb}`, todo: '' } });
  process.exitCode = 2;
} else await verbs[verb]();
