import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Probe } from '../../sandboxes/driver.ts';
import { asJson, asTable, exitCode } from './findings.ts';
import { probePort } from './port.ts';

const probe = (part: Partial<Probe>): Probe => ({
  name: 'bubblewrap',
  ok: true,
  need: 'needed',
  found: '0.8.0',
  todo: '',
  ...part,
});
const missing = probe({ ok: false, found: 'not there', todo: 'sudo apt-get install bubblewrap' });
const weaker = probe({
  name: 'tini',
  ok: false,
  need: 'wanted',
  found: 'not there',
  todo: 'sudo apt-get install tini',
});

describe('findings', () => {
  it('are a line each, with what to do below what is not well', () => {
    expect(asTable([probe({}), weaker])).toBe(
      [
        '  ok       bubblewrap  0.8.0',
        '  weaker   tini        not there',
        '                       → sudo apt-get install tini',
        '',
        'Sandboxes can be started here, with less than this machine could give: see above.',
        '',
      ].join('\n'),
    );
  });

  it('say so where nothing is wrong, and where nothing can start', () => {
    expect(asTable([probe({})])).toMatch(/Everything is as it should be\.\n$/);
    expect(asTable([missing, weaker])).toMatch(/MISSING {2}bubblewrap[^]*cannot be started here yet/);
  });

  it('keep a complaint on one line, without escapes', () => {
    expect(asTable([probe({ found: 'bwrap: \u001b[31mNo\n  permissions' })])).toContain(
      'bwrap:  [31mNo   permissions',
    );
  });

  it('fail only for what is needed', () => {
    expect([exitCode([probe({})]), exitCode([weaker]), exitCode([missing])]).toEqual([0, 0, 1]);
  });

  it('are each probe with ok, found and what to do, for programs', () => {
    expect(JSON.parse(asJson([missing]))).toEqual({ probes: [missing], ok: false });
  });
});

describe('the port', () => {
  it('is free, taken by another program, or rightly ours', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await probePort(port, '127.0.0.1', null)).toMatchObject({
      ok: false,
      found: expect.stringContaining('EADDRINUSE') as string,
    });
    expect(await probePort(port, '127.0.0.1', 'http://localhost:1')).toMatchObject({ ok: true });
    server.close();
    await once(server, 'close');
    expect(await probePort(port, '127.0.0.1', null)).toMatchObject({ ok: true, todo: '' });
  });
});

const Said = z.object({
  ok: z.boolean(),
  probes: z.array(
    z.object({ name: z.string(), ok: z.boolean(), found: z.string().min(1), todo: z.string() }),
  ),
});
/** The command itself, in a state of its own. */
async function doctor(state: string, ...words: readonly string[]): Promise<z.infer<typeof Said>> {
  const command = new URL('../palestra.ts', import.meta.url).pathname;
  const env = { ...process.env, PALESTRA_STATE: state };
  const { stdout } = await promisify(execFile)(process.execPath, [command, 'doctor', '--json', ...words], {
    env,
  }).catch(
    (error: unknown) => z.object({ stdout: z.string() }).parse(error), // exit 1: something is missing; it is still said
  );
  return Said.parse(JSON.parse(stdout));
}

describe('palestra doctor --json', () => {
  let state = '';
  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'doctor-'));
  });
  afterEach(() => rm(state, { recursive: true }));

  it('probes this very machine and leaves no trace in its state', async () => {
    const said = await doctor(state);
    const names = said.probes.map((one) => one.name);
    for (const name of ['node', 'bubblewrap', 'bounds', 'tini', 'python', 'disk', 'state folder'])
      expect(names).toContain(name);
    for (const one of said.probes) if (!one.ok) expect(one.todo).not.toBe('');
  });

  it('probes the cluster instead where sandboxes are pods, and says what to do where none is named', async () => {
    const config = join(state, 'palestra.yaml');
    const kubeconfig = join(state, 'none');
    await writeFile(config, `driver: { kind: kubernetes, kubeconfig: ${kubeconfig} }\n`);
    const said = await doctor(state, '--config', config);
    expect(said.ok).toBe(false);
    expect(said.probes[0]).toMatchObject({ name: 'cluster', ok: false });
    expect(said.probes[0]?.found).toContain(kubeconfig);
    expect(said.probes[0]?.todo).toContain('driver.kubeconfig');
    expect(said.probes.map((one) => one.name)).not.toContain('bubblewrap');
  });
});
