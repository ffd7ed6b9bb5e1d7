import fs from 'node:fs';
import { mkdtemp, readdir, rm, truncate, appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TerminalLog } from './log.ts';
import { SEGMENT } from './segments.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palestra-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** bytes that tell their offset, so that any mix-up shows */
function bytesFrom(from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i += 1) bytes[i] = ((from + i) * 31 + ((from + i) >> 9)) & 0xff;
  return bytes;
}
const SIZE = { cols: 80, rows: 24 };

async function readAll(log: TerminalLog, from: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = from; at < log.end;) {
    const part = await log.read(at, 100_000);
    if (part === null) throw new Error(`nothing at ${at}`);
    parts.push(part);
    at += part.length;
  }
  return Buffer.concat(parts);
}
async function fill(log: TerminalLog, total: number): Promise<void> {
  while (log.end < total) {
    log.append(bytesFrom(log.end, Math.min(65_536, total - log.end)));
    if (log.farBehind) await log.flush();
  }
  await log.flush();
}

describe('log', () => {
  it('is read from memory at once and from disk later, byte for byte', async () => {
    const log = new TerminalLog(folder);
    await fill(log, 3_000_000);
    expect(log.tail(2_999_999, 1)?.length).toBe(1);
    expect(log.tail(0, 1)).toBeNull();
    expect((await readAll(log, 0)).equals(bytesFrom(0, 3_000_000))).toBe(true);
    await log.close();
  });

  it('is found again by a new agent, with offsets, sizes and exits', async () => {
    const first = new TerminalLog(folder);
    first.record({ offset: 0, type: 'resize', size: SIZE });
    await fill(first, 5000);
    first.record({ offset: 5000, type: 'exit', code: 3 });
    first.record({ offset: 5000, type: 'resize', size: { cols: 100, rows: 30 } });
    await first.close();
    const second = new TerminalLog(folder);
    expect([second.start, second.end]).toEqual([0, 5000]);
    expect(second.records.map((record) => record.type)).toEqual(['resize', 'exit', 'resize']);
    expect(second.sizeAt(4999, SIZE)).toEqual(SIZE);
    expect(second.sizeAt(5000, SIZE)).toEqual({ cols: 100, rows: 30 });
    second.append(Buffer.from('more'));
    expect(
      (await readAll(second, 4990)).equals(Buffer.concat([bytesFrom(4990, 10), Buffer.from('more')])),
    ).toBe(true);
    await second.close();
  });

  it('F15 after a kill in mid-write, what reached the disk counts: a torn record or a cut segment is no harm', async () => {
    const first = new TerminalLog(folder);
    first.record({ offset: 0, type: 'resize', size: SIZE });
    await fill(first, 10_000);
    await first.close();
    await truncate(join(folder, '000000000000000.log'), 7000);
    await appendFile(join(folder, 'records.jsonl'), '{"offset":9000,"type":"exit","code":0}\n{"offset":95');
    const second = new TerminalLog(folder);
    expect(second.end).toBe(7000);
    expect(second.records.map((record) => record.type)).toEqual(['resize']);
    await second.close();
  });

  it('drops the oldest segments past its bound, never more than one too many', async () => {
    const bound = 2 * SEGMENT;
    const log = new TerminalLog(folder, { bound });
    await fill(log, 5 * SEGMENT + 1000);
    expect(log.start).toBe(3 * SEGMENT);
    expect(log.end - log.start).toBeGreaterThanOrEqual(bound);
    expect(log.end - log.start).toBeLessThan(bound + SEGMENT);
    expect(await log.read(log.start - 1, 1)).toBeNull();
    expect((await readAll(log, log.start)).equals(bytesFrom(log.start, log.end - log.start))).toBe(true);
    expect((await readdir(folder)).filter((name) => name.endsWith('.log'))).toHaveLength(3);
    await log.close();
  });

  it('goes on where segments before a gap were lost', async () => {
    const first = new TerminalLog(folder);
    await fill(first, 2 * SEGMENT + 100);
    await first.close();
    await rm(join(folder, `${String(SEGMENT).padStart(15, '0')}.log`));
    const second = new TerminalLog(folder);
    expect([second.start, second.end]).toEqual([2 * SEGMENT, 2 * SEGMENT + 100]);
    await second.close();
  });

  it('F16 a disk that refuses does not end the terminal: the newest stays readable and the log goes on', async () => {
    const troubles: unknown[] = [];
    const log = new TerminalLog(folder, { onTrouble: (error) => troubles.push(error) });
    await fill(log, 1000);
    await fs.promises.chmod(folder, 0o500);
    await rm(folder, { recursive: true });
    fs.writeFileSync(folder, 'no folder any more');
    for (let i = 0; i < 3; i += 1) log.append(bytesFrom(log.end, SEGMENT / 2));
    await log.close();
    expect(troubles.length).toBeGreaterThan(0);
    expect(log.tail(log.end - 1, 1)?.length).toBe(1);
  });
});
