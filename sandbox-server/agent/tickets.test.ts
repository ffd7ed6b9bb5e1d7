import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TicketClaims } from '../contract/agent.ts';
import { signTicket } from '../sandboxes/link/ticket.ts';
import { createTickets } from './tickets.ts';
import type { Need } from './tickets.ts';

const pair = generateKeyPairSync('ed25519');
const next = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const spki = (key: typeof pair): string =>
  key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const NOW = 1_800_000_000;
let count = 0;

const claims = (over: Partial<TicketClaims> = {}): TicketClaims => ({
  sandbox: 'abcdefghij234567abcd',
  boot: 'boot',
  op: 'files',
  mode: 'write',
  jti: `ticket-number-${(count += 1).toString().padStart(6, '0')}`,
  exp: NOW + 20,
  ...over,
});
const fresh = (now = NOW) =>
  createTickets({
    sandbox: 'abcdefghij234567abcd',
    boot: 'boot',
    keys: [spki(pair), spki(next)],
    now: () => now * 1000,
  });
const header = (over: Partial<TicketClaims> = {}, key = pair): string =>
  `Palestra ${signTicket(key.privateKey, claims(over))}`;
const WRITE: Need = { op: 'files', mode: 'write' };

describe('tickets', () => {
  it('takes one signed by the current key or the next', () => {
    expect(fresh().take(header(), WRITE).op).toBe('files');
    expect(fresh().take(header({}, next), WRITE).op).toBe('files');
  });

  it.each<[string, Partial<TicketClaims>]>([
    ['another sandbox', { sandbox: 'zzzzzzzzzzzzzzzzzzzz' }],
    ['another start of the agent', { boot: 'earlier' }],
    ['any start, for more than status', { boot: '*' }],
    ['another operation', { op: 'run' }],
    ['reading alone', { mode: 'read' }],
    ['the past', { exp: NOW - 11 }],
    ['too far ahead', { exp: NOW + 41 }],
    ['no whole second', { exp: NOW + 0.5 }],
    ['a short number', { jti: 'short' }],
  ])('T3 refuses a ticket for %s', (_, over) => {
    expect(() => fresh().take(header(over), WRITE)).toThrow('The ticket does not open this sandbox.');
  });

  it('T3 takes a ticket once, whoever it is for', () => {
    const tickets = fresh();
    const once = header();
    tickets.take(once, WRITE);
    expect(() => tickets.take(once, WRITE)).toThrow('does not open');
  });

  it('F18 allows clocks to differ by 10 s either way and no more', () => {
    expect(fresh(NOW + 30).take(header({ exp: NOW + 20 }), WRITE).exp).toBe(NOW + 20);
    expect(() => fresh(NOW + 31).take(header({ exp: NOW + 20 }), WRITE)).toThrow('does not open');
    expect(fresh(NOW - 20).take(header({ exp: NOW + 20 }), WRITE).exp).toBe(NOW + 20);
    expect(() => fresh(NOW - 21).take(header({ exp: NOW + 20 }), WRITE)).toThrow('does not open');
  });

  it('compares the subject where one is needed', () => {
    const port: Need = { op: 'port', mode: 'read', subject: '8787' };
    expect(fresh().take(header({ op: 'port', subject: '8787' }), port).subject).toBe('8787');
    expect(() => fresh().take(header({ op: 'port', subject: '8788' }), port)).toThrow('does not open');
    expect(() => fresh().take(header({ op: 'port' }), port)).toThrow('does not open');
  });

  it('lets any start of the agent be asked for its status', () => {
    expect(
      fresh().take(header({ op: 'status', mode: 'read', boot: '*' }), { op: 'status', mode: 'read' }).boot,
    ).toBe('*');
  });

  it('T3 refuses what a stranger signed, and everything that is no ticket', () => {
    const forged = Buffer.from(JSON.stringify(claims())).toString('base64url');
    const good = header();
    const [text = '', signature = ''] = good.slice('Palestra '.length).split('.');
    const hostile = [
      header({}, stranger),
      `Palestra ${forged}.${signature}`,
      `Palestra ${text}.${sign(null, Buffer.from('other'), pair.privateKey).toString('base64url')}`,
      `Palestra ${text}`,
      `Bearer ${text}.${signature}`,
      good + 'A',
      '',
      'Palestra .',
      'x'.repeat(100_000),
      undefined,
    ];
    for (const one of hostile) expect(() => fresh().take(one, WRITE)).toThrow('does not open');
  });

  it('survives a signed text that is no object', () => {
    for (const text of ['null', '[]', '3', '"x"', '{', '{"sandbox":{}}']) {
      const encoded = Buffer.from(text).toString('base64url');
      const signature = sign(null, Buffer.from(encoded), pair.privateKey).toString('base64url');
      expect(() => fresh().take(`Palestra ${encoded}.${signature}`, WRITE)).toThrow('does not open');
    }
  });

  it('forgets used tickets only once they have expired', () => {
    let now = NOW;
    const tickets = createTickets({
      sandbox: 'abcdefghij234567abcd',
      boot: 'boot',
      keys: [spki(pair)],
      now: () => now * 1000,
    });
    const first = header({ exp: NOW + 5 });
    tickets.take(first, WRITE);
    for (now = NOW; now < NOW + 60; now += 1) {
      tickets.take(header({ exp: now + 5 }), WRITE);
      expect(() => tickets.take(first, WRITE)).toThrow('does not open');
    }
  });
});
