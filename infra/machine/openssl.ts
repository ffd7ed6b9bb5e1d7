/** The openssl program, and what it is given: Node reads certificates and makes keys, and cannot make certificates. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../../sandbox-server/contract/errors.ts';

const run = promisify(execFile);

/** @throws Problem `unavailable` where the program is not there, `internal` with its last words where it failed */
export async function openssl(args: readonly string[]): Promise<void> {
  try {
    await run('openssl', [...args], { timeout: 60_000 });
  } catch (error) {
    throw problemOf(error, args[0] ?? '');
  }
}

/** PEM text */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** 127 bits, positive: two authorities' certificates never share one, which browsers refuse */
export function serial(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
  return `0x${bytes.toString('hex')}`;
}

/** A folder for half-made files in the one of the finished, gone afterwards. */
export async function inWorkshop(finished: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = join(finished, `workshop-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { mode: 0o700 });
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function problemOf(error: unknown, verb: string): Problem {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT')
    return new Problem('unavailable', 'The program openssl is missing: install the package openssl.', {
      cause: error,
    });
  return new Problem('internal', `openssl ${verb} failed: ${(stderr ?? '').slice(-600).trim()}`, {
    cause: error,
  });
}
