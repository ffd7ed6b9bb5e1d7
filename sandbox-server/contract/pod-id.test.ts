import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Id } from './names.ts';
import { sandboxIdOf } from './pod-id.ts';

describe("a pod's sandbox id", () => {
  it('is always the same for a UID, and what base32 of coreutils says', () => {
    const uid = '0d5e3b52-6f1c-4a57-9f0c-6f3c1d9b7a10';
    const hash = `printf %s ${uid} | openssl dgst -sha256 -binary | base32 -w0`;
    const told = execFileSync('bash', ['-c', hash], { encoding: 'utf8' });
    expect(sandboxIdOf(uid)).toBe(told.slice(0, 20).toLowerCase());
    expect(sandboxIdOf(uid)).toBe(sandboxIdOf(uid));
  });

  it('T30 is an id as all others, and no two UIDs share one', () => {
    const ids = Array.from({ length: 2000 }, () => sandboxIdOf(randomUUID()));
    expect(ids.filter((id) => !Id.safeParse(id).success)).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
