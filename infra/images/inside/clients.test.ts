import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withClients } from './clients.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'secret-'))));
afterEach(async () => {
  delete process.env['GYM_CONFIG'];
  await rm(folder, { recursive: true });
});
const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');

describe('the machine’s settings inside a build', () => {
  const secret = async () => {
    const path = join(folder, 'clients');
    const files = {
      'apt.conf': base64('Dir "{clients}/x";\n'),
      'key.gpg': base64(Uint8Array.of(0x99, 0x7b, 0xff)),
    };
    await writeFile(path, JSON.stringify({ env: { GYM_CONFIG: '{clients}/apt.conf' }, files }));
    return path;
  };

  it('are files for one step, readable by nobody else, and gone with it', async () => {
    let seen = '';
    await withClients(
      async () => {
        seen = process.env['GYM_CONFIG'] ?? expect.fail();
        const at = dirname(seen);
        expect(await readFile(seen, 'utf8')).toBe(`Dir "${at}/x";\n`);
        expect([...(await readFile(join(at, 'key.gpg')))]).toEqual([0x99, 0x7b, 0xff]);
        expect((await stat(seen)).mode & 0o777).toBe(0o600);
        expect((await stat(at)).mode & 0o777).toBe(0o700);
      },
      await secret(),
    );
    expect(existsSync(dirname(seen))).toBe(false);
  });

  it('are gone after a step that failed as well', async () => {
    let seen = '';
    const failing = withClients(
      () => {
        seen = process.env['GYM_CONFIG'] ?? '';
        return Promise.reject(new Error('no'));
      },
      await secret(),
    );
    await expect(failing).rejects.toThrow('no');
    expect(seen).not.toBe('');
    expect(existsSync(dirname(seen))).toBe(false);
  });

  it('need not be there: another builder has its own', async () => {
    let ran = false;
    await withClients(
      () => {
        ran = true;
        return Promise.resolve();
      },
      join(folder, 'nothing'),
    );
    expect(ran).toBe(true);
  });
});
