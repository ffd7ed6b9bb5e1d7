import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logOf, type Health, type Part } from './part.ts';
import { lakePlace, type LakePlace } from './place.ts';
import { startPart } from './start-part.ts';

const OK: Health = { ok: true, found: 'it answers' };
const DEAD: Health = { ok: false, found: 'element does not run' };
const SILENT: Health = { ok: false, found: 'CNAF_USERDISK does not answer', silent: true };

let folder: string;
let place: LakePlace;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palestra-start-part-'));
  const whole = lakePlace({ root: folder, port: 1, idp: folder, asRoot: false, temporary: folder });
  place = { ...whole, folders: { ...whole.folders, log: folder } };
});
afterEach(() => rm(folder, { recursive: true }));

/** A part with these healths, one after the other, the last for good. @param fails starts that end with an error */
function partWith(healths: readonly Health[], fails = 0): { part: Part; did: string[] } {
  const did: string[] = [];
  let left = [...healths];
  let failing = fails;
  const part: Part = {
    name: 'elements',
    stage: 'elements',
    packages: [],
    start() {
      did.push('start');
      failing -= 1;
      return failing >= 0 ? Promise.reject(new Error('not healthy in 60 s')) : Promise.resolve();
    },
    health() {
      const [health = OK] = left;
      if (left.length > 1) left = left.slice(1);
      return Promise.resolve(health);
    },
    stop() {
      did.push('stop');
      return Promise.resolve();
    },
    reset: () => Promise.resolve(),
  };
  return { part, did };
}
const noted = () => readFile(logOf(place, 'lake'), 'utf8').catch(() => '');

describe('starting a part', () => {
  it.each([
    ['one that is healthy, which may have yesterday’s configuration', OK],
    ['one that does not run', DEAD],
  ])('%s is started, and not ended before', async (_, health) => {
    const { part, did } = partWith([health]);
    await startPart(place, part, 0);
    expect([did, await noted()]).toEqual([['start'], '']);
  });
  it('one that is late with its answer is left alone', async () => {
    const { part, did } = partWith([SILENT, OK]);
    await startPart(place, part, 5_000);
    expect(did).toEqual(['start']);
  });
  it('one that lives and does not answer is ended first, and noted with what was seen', async () => {
    const { part, did } = partWith([SILENT]);
    await startPart(place, part, 0);
    expect(did).toEqual(['stop', 'start']);
    expect(await noted()).toMatch(
      /^\d{4}-.*Z elements lives and does not answer.*CNAF_USERDISK does not answer\n$/,
    );
  });
  it('one that was started and never answers gets another try, and only one', async () => {
    const once = partWith([DEAD, SILENT], 1);
    await startPart(place, once.part, 0);
    expect(once.did).toEqual(['start', 'stop', 'start']);
    const never = partWith([DEAD, SILENT], 2);
    await expect(startPart(place, never.part, 0)).rejects.toThrow('not healthy');
    expect(never.did).toEqual(['start', 'stop', 'start']);
  });
  it('one that died at its start is told as it is: its last words are the reason', async () => {
    const { part, did } = partWith([DEAD], 1);
    await expect(startPart(place, part, 0)).rejects.toThrow('not healthy');
    expect(did).toEqual(['start']);
  });
});
