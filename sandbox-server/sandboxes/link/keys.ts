/**
 * The keys that sign agents' tickets: `ticket-current.pem` and `ticket-next.pem`, 0600, made on first use. Agents take
 * both, so that a restart orphans nobody and a key can be changed while sandboxes run (finding 9).
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { createSign } from './ticket.ts';
import type { Sign } from './ticket.ts';

export interface TicketKeys {
  readonly sign: Sign;
  /** SPKI in base64, current and next: what `AgentConfig.keys` holds */
  publicKeys(): readonly string[];
}

/** @param folder the state's `keys/`; made 0700 if absent */
export function openTicketKeys(folder: string): TicketKeys {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const current = loadOrMake(join(folder, 'ticket-current.pem'));
  const next = loadOrMake(join(folder, 'ticket-next.pem'));
  return { sign: createSign(current), publicKeys: () => [spkiOf(current), spkiOf(next)] };
}

/** The next key signs from now on and a new one waits; to be followed by a restart. Agents started before still take it. */
export function rotateTicketKeys(folder: string): void {
  fs.renameSync(join(folder, 'ticket-next.pem'), join(folder, 'ticket-current.pem'));
  loadOrMake(join(folder, 'ticket-next.pem'));
}

/** Keys that live no longer than the process, for tests. */
export function temporaryTicketKeys(): TicketKeys {
  const key = generateKeyPairSync('ed25519').privateKey;
  return { sign: createSign(key), publicKeys: () => [spkiOf(key)] };
}

/** Two servers starting at once agree: the file appears whole under its name or not at all, and the first one wins. */
function loadOrMake(path: string): KeyObject {
  if (!fs.existsSync(path)) {
    const made = `${path}.${process.pid}`;
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    fs.writeFileSync(made, pem, { mode: 0o600, flush: true });
    linkUnlessThere(made, path);
    fs.rmSync(made);
  }
  return createPrivateKey(fs.readFileSync(path));
}

function linkUnlessThere(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function spkiOf(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
}
