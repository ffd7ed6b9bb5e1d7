/** A sandbox's home without its process: the agent's own snapshot and restore, called in place. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createZstdCompress } from 'node:zlib';
import { createKeptHome } from '../../agent/homes/kept-home.ts';
import { Problem } from '../../contract/errors.ts';
import type { SandboxLink } from '../../sandboxes/kept-homes.ts';
import { Refusal } from '../../agent/refusal.ts';

export interface TestSandbox extends AsyncDisposable {
  readonly home: string;
  readonly link: SandboxLink;
  /** the node went away: nothing answers any more */
  vanish(): void;
}

export async function openSandbox(): Promise<TestSandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'palestra-home-'));
  const [home, logs] = [join(folder, 'home'), join(folder, 'logs')];
  await mkdir(home);
  const kept = createKeptHome({
    home,
    logs,
    terminals: { list: () => [], get: () => undefined },
    claimed: () => false,
  });
  let gone = false;
  const asked = async <T>(act: () => Promise<T>): Promise<T> => {
    if (gone) throw new Problem('agent-unreachable', 'The sandbox does not answer.');
    return act().catch((error: unknown) => {
      throw error instanceof Refusal ? new Problem(error.code, error.message) : error;
    });
  };
  const link: Pick<SandboxLink, 'status' | 'home' | 'snapshot' | 'restore'> = {
    status: () => asked(() => Promise.resolve({} as never)),
    home: () => asked(() => kept.state()),
    snapshot: (bounds) =>
      asked(async () => {
        const going = await kept.snapshot(bounds);
        const body = pipeline(Readable.from(going.tar), createZstdCompress(), () => undefined);
        return { body, summary: () => going.summary() };
      }),
    restore: (body, bounds) => asked(() => kept.restore(body, bounds)),
  };
  return {
    home,
    link: link as SandboxLink,
    vanish: () => void (gone = true),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
