/** A driver over desk agents: idempotent claims, a capacity, sandboxes that can be lost; it outlives a `Labs` as a real one outlives the server. */
import { Problem } from '../../contract/errors.ts';
import type { Driver, Sandbox, SandboxEvent } from '../../sandboxes/driver.ts';
import { newId } from '../../sandboxes/ids.ts';
import { createDeskAgent, type DeskAgent } from './desk-agent.ts';

export interface DeskDriver extends Driver {
  capacity: number;
  /** a claim waits for it before it answers */
  gate: Promise<void>;
  readonly claims: string[];
  /** what was lent, in order: lab and names of services */
  readonly lent: { lab: string; services: string[] }[];
  readonly discarded: string[];
  agentOf(lab: string): DeskAgent;
  agentIn(sandbox: string): DeskAgent;
  listening(): ((event: SandboxEvent) => void)[];
  lose(lab: string, reason: string, quietly?: boolean): Promise<void>;
  /** says that its machine is to be emptied */
  leave(lab: string, reason: string): void;
}

export function createDeskDriver(): DeskDriver {
  const sandboxes = new Map<string, Sandbox>();
  const agents = new Map<string, DeskAgent>();
  const listeners = new Set<(event: SandboxEvent) => void>();
  const tell = (event: SandboxEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  const drop = async (lab: string): Promise<Sandbox | undefined> => {
    const sandbox = sandboxes.get(lab);
    sandboxes.delete(lab);
    if (sandbox) await agents.get(sandbox.id)?.close();
    return sandbox;
  };
  const found = <T>(thing: T | undefined): T => {
    if (thing === undefined) throw new Error('no such sandbox');
    return thing;
  };
  const driver: DeskDriver = {
    name: 'desk',
    capacity: 100,
    gate: Promise.resolve(),
    claims: [],
    lent: [],
    discarded: [],
    probe: () => Promise.resolve([]),
    adopt: () => Promise.resolve([...sandboxes.values()]),
    keepWarm: () => undefined,
    async claim({ lab, kit, signal }) {
      driver.claims.push(lab);
      await driver.gate;
      signal?.throwIfAborted();
      const has = sandboxes.get(lab);
      if (has) return has;
      if (sandboxes.size >= driver.capacity) throw new Problem('no-capacity', 'No sandbox is free.');
      const id = newId();
      const sandbox: Sandbox = {
        id,
        kit,
        lab,
        agent: { kind: 'unix', path: `/desk/${id}` },
        isolation: 'advisory',
        startedAt: Date.now(),
      };
      sandboxes.set(lab, sandbox);
      agents.set(id, await createDeskAgent(id));
      return sandbox;
    },
    lend(lab, services) {
      driver.lent.push({ lab, services: services.map(({ name }) => name) });
      const endpoints = services.flatMap(({ name, endpoints: all }) =>
        all.map(({ host, port }) => ({ service: name, host, port, socket: `/desk/${host}_${port}.sock` })),
      );
      const env: Record<string, string> = services.length === 0 ? {} : { SSL_CERT_FILE: '/desk/bundle.pem' };
      // as a driver whose agents lay certificates
      const files: Record<string, string> = services.length === 0 ? {} : { 'bundle.pem': 'authorities' };
      return Promise.resolve({ endpoints, env, files });
    },
    async release(lab) {
      const sandbox = await drop(lab);
      if (sandbox) tell({ type: 'released', sandbox });
    },
    discard: (lab) => Promise.resolve(void driver.discarded.push(lab)),
    list: () => Promise.resolve([...sandboxes.values()]),
    watch(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async close() {
      for (const lab of [...sandboxes.keys()]) await drop(lab);
    },
    agentOf: (lab) => found(agents.get(found(sandboxes.get(lab)).id)),
    agentIn: (sandbox) => found(agents.get(sandbox)),
    listening: () => [...listeners],
    async lose(lab, reason, quietly = false) {
      const sandbox = found(await drop(lab));
      if (!quietly) tell({ type: 'lost', sandbox, reason });
    },
    leave: (lab, reason) => tell({ type: 'leaving', sandbox: found(sandboxes.get(lab)), reason }),
  };
  return driver;
}
