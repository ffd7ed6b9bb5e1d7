/** How an agent in a pod learns who it is: from the image, the pod and the mounted keys alone. */
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentConfig } from '../../contract/agent.ts';
import { sandboxIdOf } from '../../contract/pod-id.ts';
import { signTicket } from '../../sandboxes/link/ticket.ts';
import { createTickets } from '../tickets.ts';
import { certificateIn } from './certificate.ts';
import { podConfig } from './config.ts';
import type { PodPlaces } from './config.ts';
import { keysIn } from './keys.ts';

const UID = '0d5e3b52-6f1c-4a57-9f0c-6f3c1d9b7a10';
const KIT = {
  kit: 'base',
  path: ['/opt/kit/front', '/opt/kit/bin'],
  env: { KIT: '{{user}}' },
  shell: '/bin/bash',
};
let places: PodPlaces;
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'palestra-pod-'));
  places = {
    kit: join(folder, 'kit.json'),
    keys: join(folder, 'keys'),
    home: join(folder, 'home'),
    run: join(folder, 'run'),
    port: 7070,
  };
  fs.writeFileSync(places.kit, JSON.stringify(KIT));
  fs.mkdirSync(places.keys);
  fs.mkdirSync(places.run);
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function layKey(name: string): { key: KeyObject; spki: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  fs.writeFileSync(join(places.keys, name), publicKey.export({ type: 'spki', format: 'pem' }));
  return { key: privateKey, spki: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') };
}

describe('an agent in a pod', () => {
  it('is who its UID says, with the kit of its image, bounds of its pod and keys of its server', async () => {
    const [current, next] = [layKey('current.pem'), layKey('next.pem')];
    const env = {
      PALESTRA_POD_UID: UID,
      PALESTRA_DISK: '1000000',
      PALESTRA_PIDS: '512',
      PALESTRA_IMAGE: 'localhost/k:1',
      OTHER: 'x',
    };
    const config = await podConfig(env, places);
    expect(config).toEqual({
      sandbox: sandboxIdOf(UID),
      keys: [current.spki, next.spki],
      keysFolder: places.keys,
      listen: {
        host: '0.0.0.0',
        port: 7070,
        tls: { cert: join(places.run, 'tls/cert.pem'), key: join(places.run, 'tls/key.pem') },
      },
      home: places.home,
      logs: join(places.run, 'logs'),
      services: join(places.run, 'services'),
      path: KIT.path,
      env: { ...KIT.env, PALESTRA_IMAGE: 'localhost/k:1' },
      shell: '/bin/bash',
      reaper: config.reaper,
      watch: { memory: null, disk: 1_000_000, pids: 512 },
    });
    expect(AgentConfig.safeParse(config).success).toBe(true);
    expect(fs.statSync(join(places.run, 'tls/key.pem')).mode & 0o077).toBe(0);
  });

  it('watches nothing where the pod names no bounds', async () => {
    layKey('current.pem');
    const { watch } = await podConfig({ PALESTRA_POD_UID: UID }, places);
    expect(watch).toEqual({ memory: null, disk: null, pids: null });
  });

  it.each<[string, Record<string, string>, string | null, RegExp]>([
    ['no UID', {}, null, /PALESTRA_POD_UID is not set/],
    ['no key', { PALESTRA_POD_UID: UID }, null, /holds no key/],
    ['a kit of another shape', { PALESTRA_POD_UID: UID }, '{"path":"x"}', /does not say what this kit/],
    ['a bound that is no number', { PALESTRA_POD_UID: UID, PALESTRA_DISK: '2Gi' }, null, /no number: 2Gi/],
  ])('does not start with %s, and says what is missing', async (what, env, kit, why) => {
    if (what !== 'no key') layKey('current.pem');
    if (kit !== null) fs.writeFileSync(places.kit, kit);
    await expect(podConfig(env, places)).rejects.toThrow(why);
  });
});

describe('its certificate', () => {
  it('is the same when the container starts again, and another in another pod', async () => {
    const first = await certificateIn(places.run, 'a');
    const text = fs.readFileSync(first.cert, 'utf8');
    const again = await certificateIn(places.run, 'a');
    expect(fs.readFileSync(again.cert, 'utf8')).toBe(text);
    const elsewhere = fs.mkdtempSync(join(folder, 'other-'));
    expect(fs.readFileSync((await certificateIn(elsewhere, 'a')).cert, 'utf8')).not.toBe(text);
  });

  it('is made anew where a start was cut off in the middle of it', async () => {
    fs.mkdirSync(join(places.run, '.tls-cutoff'));
    fs.writeFileSync(join(places.run, '.tls-cutoff/key.pem'), 'half');
    const { key } = await certificateIn(places.run, 'a');
    expect(fs.readFileSync(key, 'utf8')).toContain('END PRIVATE KEY');
  });
});

describe('the keys it trusts', () => {
  const boot = 'b';
  const ticketOf = (key: KeyObject) => {
    const claims = { sandbox: sandboxIdOf(UID), boot, op: 'run' as const, mode: 'write' as const };
    const exp = Math.floor(Date.now() / 1000) + 20;
    return `Palestra ${signTicket(key, { ...claims, jti: `${Math.random()}`.padEnd(20, 'x'), exp })}`;
  };
  const need = { op: 'run', mode: 'write' } as const;
  const door = () => {
    const trust = { sandbox: sandboxIdOf(UID), boot, keys: keysIn(places.keys) };
    return createTickets({ ...trust, moreKeys: () => keysIn(places.keys) });
  };

  it('are read again when a ticket fits none of them, so that a change of keys orphans nobody (finding 4)', () => {
    const old = layKey('current.pem');
    const tickets = door();
    const fresh = layKey('next.pem');
    expect(tickets.take(ticketOf(fresh.key), need)).toMatchObject({ op: 'run' });
    expect(tickets.take(ticketOf(old.key), need)).toMatchObject({ op: 'run' });
    fs.rmSync(join(places.keys, 'current.pem'));
  });

  it('T3 are read at most once a second, however many forged tickets come', () => {
    layKey('current.pem');
    let reads = 0;
    const trust = { sandbox: sandboxIdOf(UID), boot, keys: keysIn(places.keys) };
    const tickets = createTickets({
      ...trust,
      moreKeys: () => {
        reads += 1;
        return keysIn(places.keys);
      },
    });
    const forged = ticketOf(generateKeyPairSync('ed25519').privateKey);
    for (let i = 0; i < 50; i += 1) expect(() => tickets.take(forged, need)).toThrow('does not open');
    expect(reads).toBe(1);
  });

  it('do not include what is no key of ours', () => {
    const { spki } = layKey('current.pem');
    fs.writeFileSync(join(places.keys, 'broken.pem'), 'not a key');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    fs.writeFileSync(join(places.keys, 'rsa.pem'), rsa.export({ type: 'spki', format: 'pem' }));
    fs.writeFileSync(join(places.keys, 'README'), 'x');
    expect(keysIn(places.keys)).toEqual([spki]);
  });
});
