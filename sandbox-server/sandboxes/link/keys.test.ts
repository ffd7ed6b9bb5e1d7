import { createPublicKey, verify } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TicketClaims } from '../../contract/agent.ts';
import { createTickets } from '../../agent/tickets.ts';
import { openTicketKeys, rotateTicketKeys } from './keys.ts';

let folder = '';
beforeEach(() => {
  folder = join(fs.mkdtempSync(join(tmpdir(), 'palestra-keys-')), 'keys');
});
afterEach(() => fs.rmSync(join(folder, '..'), { recursive: true }));

const ticket = { sandbox: 'abcdefghij234567abcd', boot: 'b', op: 'files', mode: 'read' } as const;
const takes = (keys: readonly string[]) => createTickets({ sandbox: ticket.sandbox, boot: 'b', keys });

describe('keys', () => {
  it('are made 0600 on first use and found again: a restart orphans nobody (finding 9)', () => {
    const first = openTicketKeys(folder);
    const second = openTicketKeys(folder);
    expect(second.publicKeys()).toEqual(first.publicKeys());
    expect(first.publicKeys()).toHaveLength(2);
    expect(fs.readdirSync(folder).sort()).toEqual(['ticket-current.pem', 'ticket-next.pem']);
    for (const name of fs.readdirSync(folder))
      expect(fs.statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('sign tickets of the contract, each with a number of its own', () => {
    const keys = openTicketKeys(folder);
    const { sign } = keys;
    const [text = '', signature = ''] = sign(ticket).slice('Palestra '.length).split('.');
    const claims = TicketClaims.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    expect(claims).toMatchObject(ticket);
    expect(claims.exp * 1000 - Date.now()).toBeLessThanOrEqual(30_000);
    const key = createPublicKey({
      key: Buffer.from(keys.publicKeys()[0] ?? '', 'base64'),
      format: 'der',
      type: 'spki',
    });
    expect(verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(sign(ticket)).not.toBe(sign(ticket));
  });

  it('after a change, agents started before still take tickets, and ones started after take both as well', () => {
    const before = openTicketKeys(folder);
    const agent = takes(before.publicKeys());
    rotateTicketKeys(folder);
    const after = openTicketKeys(folder);
    expect(after.publicKeys()[0]).toBe(before.publicKeys()[1]);
    expect(agent.take(after.sign(ticket), { op: 'files', mode: 'read' }).jti.length).toBeGreaterThanOrEqual(
      16,
    );
    expect(() => takes(after.publicKeys()).take(before.sign(ticket), { op: 'files', mode: 'read' })).toThrow(
      'does not open',
    );
  });
});
