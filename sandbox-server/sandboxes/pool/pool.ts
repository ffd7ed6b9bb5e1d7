/**
 * Who has which sandbox: warm ones by kit, claimed ones by lab. The same for every driver;
 * what a sandbox *is* stands behind `Ground`.
 */
import { Problem } from '../../contract/errors.ts';
import type { ClaimRequest, Sandbox, SandboxEvent } from '../driver.ts';
import type { Ground } from './ground.ts';
import { createRefill } from './refill.ts';
import { createTurns } from '../turns.ts';
import { unlessAborted } from '../unless-aborted.ts';

/** A class of 28 starts cold in parallel, but not all at once: on two cores six starts share them best. */
const STARTS_AT_ONCE = 6;
/** A warm sandbox may have died unseen; after this many dead ones something else is wrong. */
const GIVE_ATTEMPTS = 5;

export interface Pool {
  /** sandboxes found running; before anything else */
  readonly adopt: (sandboxes: readonly Sandbox[]) => void;
  readonly keepWarm: (kit: string, n: number) => void;
  readonly claim: (request: ClaimRequest) => Promise<Sandbox>;
  readonly release: (lab: string) => Promise<void>;
  readonly list: () => readonly Sandbox[];
  readonly watch: (listener: (event: SandboxEvent) => void) => Disposable;
  /** the driver saw a sandbox die by itself; never rejects */
  readonly lost: (id: string, reason: string) => Promise<void>;
  /** a sandbox's death is nobody's news after this */
  readonly close: () => Promise<void>;
}

export interface PoolOptions {
  readonly ground: Ground;
  /** told of a warm sandbox that could not be started or ended; a claim's failure goes to its caller instead */
  readonly onTrouble: (what: string, error: unknown) => void;
}

export function createPool({ ground, onTrouble }: PoolOptions): Pool {
  const all = new Map<string, Sandbox>();
  /** a sandbox on its way to a lab is neither warm nor given */
  const reserved = new Set<string>();
  const claims = new Map<string, Promise<Sandbox>>();
  /** labs whose sandbox is going, by release or by its own death: the next claim waits until its home is back */
  const releases = new Map<string, Promise<void>>();
  const endings = new Set<Promise<void>>();
  const listeners = new Set<(event: SandboxEvent) => void>();
  const turns = createTurns(STARTS_AT_ONCE);
  let closed = false;

  const tell = (event: SandboxEvent) => {
    for (const listener of listeners) listener(event);
  };
  const warm = (kit: string) =>
    [...all.values()].filter((s) => s.kit === kit && s.lab === null && !reserved.has(s.id));
  const ofLab = (lab: string) => [...all.values()].find((s) => s.lab === lab);

  const start = async (kit: string, forClaim: boolean) => {
    const sandbox = await turns.run(() => ground.start(kit));
    if (forClaim) reserved.add(sandbox.id);
    all.set(sandbox.id, sandbox);
    tell({ type: 'ready', sandbox });
    return sandbox;
  };
  const remove = async (sandbox: Sandbox) => {
    all.delete(sandbox.id);
    reserved.delete(sandbox.id);
    const ending = ground.end(sandbox).finally(() => endings.delete(ending));
    endings.add(ending);
    await ending;
  };

  const refill = createRefill({
    warm: (kit) => warm(kit).length,
    busy: () => turns.waiting > 0,
    prepare: ground.prepare,
    start: async (kit) => void (await start(kit, false)),
    drop: (kit) => {
      const spare = warm(kit).at(-1);
      if (spare !== undefined)
        remove(spare).catch((error: unknown) => onTrouble('ending a spare sandbox', error));
    },
    onTrouble,
  });

  const takeWarm = (kit: string): Sandbox | undefined => {
    const sandbox = warm(kit)[0];
    if (sandbox !== undefined) reserved.add(sandbox.id);
    return sandbox;
  };

  const give = async (sandbox: Sandbox, lab: string): Promise<Sandbox | null> => {
    try {
      return await ground.give(sandbox, lab);
    } catch (error) {
      await remove(sandbox);
      if (error instanceof Problem && error.code === 'sandbox-gone') return null;
      throw error;
    }
  };

  const fresh = async (request: ClaimRequest): Promise<Sandbox> => {
    const { lab, kit } = request;
    await releases.get(lab);
    for (let attempt = 0; attempt < GIVE_ATTEMPTS; attempt += 1) {
      const taken = takeWarm(kit);
      refill.look();
      const given = await give(taken ?? (await start(kit, true)), lab);
      if (given === null) continue;
      all.set(given.id, given);
      reserved.delete(given.id);
      tell({ type: 'claimed', sandbox: given });
      return given;
    }
    throw new Problem('no-capacity', 'No sandbox could be started just now. Please try again in a minute.');
  };

  const claimOnce = (request: ClaimRequest): Promise<Sandbox> => {
    const { lab } = request;
    const pending = claims.get(lab);
    if (pending !== undefined) return pending;
    const claim = fresh(request).finally(() => claims.delete(lab));
    claims.set(lab, claim);
    return claim;
  };

  const releaseOnce = async (lab: string): Promise<void> => {
    await claims.get(lab)?.then(
      () => undefined,
      () => undefined, // its own caller is told; here it only means that nothing is to be released
    );
    const sandbox = ofLab(lab);
    if (sandbox === undefined) return;
    await remove(sandbox);
    tell({ type: 'released', sandbox });
    refill.look();
  };

  const leave = (lab: string, going: Promise<void>): Promise<void> => {
    const release = going.finally(() => releases.delete(lab));
    releases.set(lab, release);
    return release;
  };

  const lose = async (sandbox: Sandbox, reason: string): Promise<void> => {
    await remove(sandbox).catch((error: unknown) => onTrouble('ending a lost sandbox', error));
    tell({ type: 'lost', sandbox, reason });
    refill.look();
  };

  return {
    adopt(sandboxes) {
      for (const sandbox of sandboxes) all.set(sandbox.id, sandbox);
    },
    keepWarm: refill.want,
    async claim(request) {
      const { lab, signal } = request;
      signal?.throwIfAborted();
      if (closed) throw new Problem('unavailable', 'The server is stopping. Please try again in a minute.');
      const running = releases.has(lab) ? undefined : ofLab(lab);
      return running ?? (await unlessAborted(claimOnce(request), signal));
    },
    async release(lab) {
      return releases.get(lab) ?? leave(lab, releaseOnce(lab));
    },
    list: () => [...all.values()],
    watch(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async lost(id, reason) {
      const sandbox = all.get(id);
      // one on its way to a lab: `give` notices by itself and takes another
      if (closed || sandbox === undefined || reserved.has(id)) return;
      if (sandbox.lab === null) await lose(sandbox, reason);
      else await (releases.get(sandbox.lab) ?? leave(sandbox.lab, lose(sandbox, reason)));
    },
    async close() {
      closed = true;
      await refill.close();
      await Promise.allSettled([...claims.values(), ...releases.values(), ...endings]);
      listeners.clear();
    },
  };
}
