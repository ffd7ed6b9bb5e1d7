/** A proof on the lake that `npm run prove` uses, with a part of it off: red, and the part is named. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findLake } from '../../../infra/data-lake/find-place.ts';
import { signalServer } from '../../../infra/data-lake/testing/signal-server.ts';
import type { LakePlace } from '../../../infra/data-lake/place.ts';
import { missing } from './world.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const STATE = process.env['PALESTRA_STATE'] ?? resolve(ROOT, '.palestra');
const Proofs = z.object({
  lessons: z.array(z.object({ status: z.string(), reason: z.string().optional() })),
});
const lacks = missing();
if (lacks !== null) console.warn(`skipped: ${lacks}`);

describe.skipIf(lacks !== null)('prove where a part of the lake is off', () => {
  let place: LakePlace;
  beforeAll(async () => {
    place = await findLake({ state: STATE });
    expect((await node('infra/data-lake/lake.ts', 'up', '--json')).code).toBe(0);
  });
  afterAll(() => node('infra/data-lake/lake.ts', 'down'));

  // stopped and not killed: what is dead is started anew by whoever needs the lake
  it.each([
    ['an element', 'xrootd-napoli', 'NAPOLI'],
    ['the transfer service', 'transfer', 'transfer'],
    ['the token issuer', 'issuer', 'issuer'],
  ])('is red without %s, and names it', async (_, server, named) => {
    await signalServer(place, server, 'SIGSTOP');
    try {
      const { code, out } = await node(
        'sandbox-server/cli/palestra.ts',
        ...['prove', 'data-lake/1-tokens', '--json'],
      );
      const [lesson] = Proofs.parse(JSON.parse(out)).lessons;
      expect([code, lesson?.status]).toEqual([1, 'failed']);
      expect(lesson?.reason).toMatch(new RegExp(`runs in part, so nothing is proven on it.*${named}`, 'is'));
    } finally {
      await signalServer(place, server, 'SIGCONT');
    }
  });
});

function node(script: string, ...args: readonly string[]): Promise<{ code: number; out: string }> {
  const env = { ...process.env, PALESTRA_STATE: STATE };
  return new Promise((done) => {
    execFile(
      process.execPath,
      [resolve(ROOT, script), ...args],
      { env, cwd: ROOT, maxBuffer: 1e8 },
      (error, out) => done({ code: error === null ? 0 : Number(error.code ?? 1), out }),
    );
  });
}
